import * as esbuild from "esbuild";
import { launchChromium } from "@testing/chromium.ts";

/**
 * Bundles a script for browsers and runs it on a page.
 *
 * @param folder Where its packages are.
 * @param script A module whose `main()` is called.
 * @param url A page of the origin that it calls.
 * @returns What `main()` resolves to.
 */
export async function runInChromium(
  folder: string,
  script: string,
  url: string,
): Promise<unknown> {
  const { outputFiles, warnings } = await esbuild.build({
    stdin: { contents: script, resolveDir: folder },
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "script",
    logLevel: "silent",
  });
  await esbuild.stop();
  const problems = warnings.map((each) => each.text);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.addScriptTag({ content: outputFiles[0]!.text });
    return await page.evaluate("script.main()");
  } finally {
    await browser.close();
  }
}
