/** Chromium, for tests of pages and of what runs on one. @module */
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function chromiumPath(): string | null {
  const named = Deno.env.get("CHROMIUM_PATH");
  return [...(named ? [named] : []), ...PLACES].find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}

/** Why nothing can run in a browser here; null: they can. */
export function noChromium(): string | null {
  return chromiumPath() === null
    ? "no Chromium here: install one or set CHROMIUM_PATH"
    : null;
}

/** A headless Chromium that calls nobody. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath()!,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
