/**
 * A page of the console in a real Chromium, over a fake API of its own.
 *
 * @module
 */
import { launchChromium, noChromium } from "@testing/chromium.ts";
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { RunOverview } from "@shared/types/run.ts";
import { skipIf } from "@testing/skip.ts";
import type { SampleDetail } from "../api/types.ts";
import { buildConsole } from "../build.ts";
import { type FakeApi, LINK_TOKEN, startFakeApi } from "./fake_api.ts";

/** One page, its server, and what the page complained about. */
export interface Stage {
  readonly page: Page;
  readonly fake: FakeApi;
  readonly problems: string[];
}

/** What the page shows, and how. */
export interface StageOptions extends BrowserContextOptions {
  readonly path?: string;
  readonly isScored?: boolean;
  readonly token?: string;
}

/** What all tests of one file look at. */
export interface Play {
  readonly run: RunOverview;
  readonly samples: readonly SampleDetail[];
}

/**
 * Builds the console once for the tests of a file.
 *
 * @returns Makes one test with a page, a server of its own, and no error on the page's console.
 */
export function stageOf(
  { run, samples }: Play,
): (
  name: string,
  options: StageOptions,
  body: (stage: Stage) => Promise<void>,
) => void {
  const reason = noChromium();
  let browser: Browser;
  let consoleDir = "";

  Deno.test.beforeAll(async () => {
    if (reason) return;
    consoleDir = await Deno.makeTempDir();
    await buildConsole(consoleDir);
    browser = await launchChromium();
  });

  Deno.test.afterAll(async () => {
    if (reason) return;
    await browser.close();
    await Deno.remove(consoleDir, { recursive: true });
  });

  return (name, options, body) =>
    Deno.test({
      name: reason ? `${name} (${reason})` : name,
      ...skipIf(reason),
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const {
          path = `/runs/${run.run_id}`,
          isScored = true,
          token = LINK_TOKEN,
          ...context
        } = options;
        const fake = startFakeApi({ run, samples, consoleDir, isScored });
        const own = await browser.newContext({
          viewport: { width: 1280, height: 800 },
          ...context,
        });
        try {
          const page = await own.newPage();
          const problems: string[] = [];
          page.on("pageerror", (error) => problems.push(error.message));
          page.on("console", (message) => {
            const isRefusal = message.text().includes(
              "Failed to load resource",
            );
            if (message.type() === "error" && !isRefusal) {
              problems.push(message.text());
            }
          });
          await page.goto(`${fake.url}${path}${token && `#token=${token}`}`);
          await body({ page, fake, problems });
          assert.deepEqual(problems, []);
        } finally {
          await own.close();
          await fake.stop();
        }
      },
    });
}
