/**
 * Photographs a run page of a running Assay: `deno run -A console/testing/capture.ts LINK OUT_DIR`, where LINK is the
 * printed link with `/runs/{id}` as its path.
 *
 * @module
 */
import { launchChromium, noChromium } from "@testing/chromium.ts";
import { join } from "node:path";

const SHOTS = [
  { name: "run_light", colorScheme: "light", width: 1280, height: 800 },
  { name: "run_dark", colorScheme: "dark", width: 1280, height: 800 },
  { name: "run_phone", colorScheme: "light", width: 390, height: 844 },
] as const;

const [link, outDir] = Deno.args;
const reason = link && outDir ? noChromium() : "Usage: capture.ts LINK OUT_DIR";
if (reason || !link || !outDir) {
  await Deno.stderr.write(new TextEncoder().encode(`${reason}\n`));
  Deno.exit(2);
}
const browser = await launchChromium();
try {
  for (const { name, colorScheme, width, height } of SHOTS) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height },
      deviceScaleFactor: 2,
    });
    const page = await context.newPage();
    await page.goto(link);
    await page.waitForSelector(".row", { timeout: 120_000 });
    if (width > 760) await page.waitForSelector(".neighbours, .facts");
    await page.screenshot({ path: join(outDir, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
}
