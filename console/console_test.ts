/**
 * The console in a real Chromium against a fake API: what keys send, what the address holds, what a bad network does.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { VerdictRequest } from "@shared/types/verdict.ts";
import type { FakeApi } from "./testing/fake_api.ts";
import { madeRun } from "./testing/made_run.ts";
import { HOSTILE, madeMails } from "./testing/mails.ts";
import { violations } from "./testing/violations.ts";
import { stageOf } from "./testing/stage.ts";

const MAILS = madeMails(1_200);
const RUN = madeRun(MAILS);
const AT_RUN = `/runs/${RUN.run_id}`;

const browserTest = stageOf({ run: RUN, samples: MAILS });

async function until(isTrue: () => boolean): Promise<void> {
  const stop = AbortSignal.timeout(10_000);
  while (!isTrue()) {
    stop.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const sent = (fake: FakeApi) =>
  fake.puts.flat().map((v: VerdictRequest) => [
    v.sample_id,
    v.split,
    v.verdict,
    v.label,
  ]);
const activeRank = (page: Page) =>
  page.locator('.row[data-active="true"] .rank').innerText();
const ready = (page: Page) => page.waitForSelector(".neighbours");

browserTest(
  "one key a sample: each verdict is sent as said, and undone",
  {},
  async ({ page, fake }) => {
    await ready(page);
    await page.keyboard.press("q");
    await page.keyboard.press("w");
    await page.keyboard.press("e");
    await page.keyboard.press("n");
    await page.keyboard.press(" ");
    assert.equal(await activeRank(page), "6");
    await until(() => fake.puts.flat().length === 4);
    const [a, b, c, d] = MAILS;
    assert.deepEqual(sent(fake), [
      [a!.sample_id, a!.split, "keep", null],
      [b!.sample_id, b!.split, "relabel", b!.suggested_label],
      [c!.sample_id, c!.split, "drop", null],
      [d!.sample_id, d!.split, "needs_review", null],
    ]);
    assert.equal(await page.getByTestId("reviewed").innerText(), "4");
    assert.match(
      await page.getByTestId("yield").innerText(),
      /2 of 3 were errors/,
    );

    await page.keyboard.press("u");
    await page.keyboard.press("u");
    assert.equal(await activeRank(page), "3");
    await page.keyboard.press("Shift+U");
    await until(() => fake.puts.flat().length === 7);
    assert.deepEqual(sent(fake).slice(4).map((s) => s.slice(2)), [
      ["clear", null],
      ["clear", null],
      ["drop", null],
    ]);
    assert.equal(new Set(fake.puts.flat().map((v) => v.verdict_id)).size, 7);
  },
);

browserTest(
  "digits choose a class by likelihood; the given label means keep",
  {},
  async ({ page, fake }) => {
    await ready(page);
    await page.keyboard.press("1");
    await page.keyboard.press("2");
    await until(() => fake.puts.flat().length === 2);
    assert.deepEqual(sent(fake).map((s) => s.slice(2)), [
      ["relabel", MAILS[0]!.suggested_label],
      ["keep", null],
    ]);
  },
);

browserTest(
  "a selection gets one verdict as one step",
  {},
  async ({ page, fake }) => {
    await ready(page);
    for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+J");
    await page.getByRole("button", { name: "Drop 4" }).waitFor();
    await page.keyboard.press("Shift+E");
    await until(() => fake.puts.flat().length === 4);
    await page.keyboard.press("u");
    await until(() => fake.puts.flat().length === 8);
    assert.deepEqual(
      fake.puts.flat().map((v) => v.verdict),
      [..."dddd", ..."cccc"].map((c) => c === "d" ? "drop" : "clear"),
    );
  },
);

browserTest("shift+a selects what the filters match, beyond what was loaded", {
  path: `${AT_RUN}?split=validation`,
}, async ({ page }) => {
  await ready(page);
  await page.keyboard.press("Shift+A");
  await page.getByText("240 selected").waitFor();
});

browserTest(
  "filters stand in the address, survive a reload, and Back takes them back",
  {},
  async ({ page, fake }) => {
    await ready(page);
    const url = () => new URL(page.url());
    assert.equal(url().hash, "");
    await page.getByRole("button", { name: /^mislabeled/ }).click();
    await page.getByRole("heading", { name: "72 samples" }).waitFor();
    await page.locator("#choice-split").selectOption("validation");
    await page.locator(".confusions button").first().click();
    const want = {
      issue: "mislabeled",
      split: "validation",
      label: "spam",
      suggested: "ham",
    };
    assert.deepEqual(Object.fromEntries(url().searchParams), want);
    const found = MAILS.filter((mail) =>
      mail.issue_types.includes("mislabeled") && mail.split === "validation" &&
      mail.given_label === "spam" && mail.suggested_label === "ham"
    );
    // Keys go to the list that is there: the one asked for must have come.
    await page.getByRole("heading", { name: `${found.length} samples` })
      .waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.waitForFunction(() => location.search.includes("at="));
    const rank = await activeRank(page);

    await page.reload();
    await page.waitForSelector('.row[data-active="true"]');
    assert.equal(await activeRank(page), rank);
    assert.equal(fake.queries.at(-1)?.get("issue_type"), "mislabeled");
    await page.goBack();
    await page.waitForFunction(() => !location.search.includes("suggested"));
    assert.equal(
      await page.locator("#choice-split").inputValue(),
      "validation",
    );
  },
);

browserTest(
  "search asks the server once typing rests, and keys go into the field",
  {},
  async ({ page, fake }) => {
    await ready(page);
    await page.keyboard.press("f");
    await page.keyboard.type("queue");
    await page.getByText("Nothing matches").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("q"), "queue");
    assert.equal(fake.puts.length, 0);
    assert.equal(fake.queries.filter((q) => q.get("q")).length, 1);
    await page.getByRole("button", { name: "Clear all filters" }).click();
    await page.getByRole("heading", { name: "1,200 samples", exact: true })
      .waitFor();
  },
);

browserTest("progress turns into the result without a reload", {
  isScored: false,
}, async ({ page, fake }) => {
  fake.job = {
    job_id: RUN.job_id!,
    project_id: RUN.project_id,
    run_id: RUN.run_id,
    job_kind: "score_run",
    state: "running",
    stage: "fold",
    fraction: 0.42,
    attempts: 1,
    device: "cpu",
    error_code: null,
    error: null,
    created_at: RUN.created_at,
    started_at: RUN.created_at,
    finished_at: null,
    stage_seconds: { load: 1.25 },
  };
  await page.reload();
  await page.getByText("Folding the epochs").waitFor();
  assert.equal(
    await page.getByRole("progressbar").getAttribute("aria-valuenow"),
    "42",
  );
  assert.deepEqual(await violations(page), []);
  fake.publish();
  fake.job = { ...fake.job, state: "succeeded", fraction: 1 };
  await ready(page);
});

browserTest("a failed job says why and can be asked for again", {
  isScored: false,
}, async ({ page, fake }) => {
  fake.job = {
    job_id: RUN.job_id!,
    project_id: RUN.project_id,
    run_id: RUN.run_id,
    job_kind: "score_run",
    state: "failed",
    stage: "check",
    fraction: 0.1,
    attempts: 5,
    device: "cpu",
    error_code: "unusable_input",
    error: "Cannot score run as it has no outputs",
    created_at: RUN.created_at,
    started_at: RUN.created_at,
    finished_at: RUN.created_at,
    stage_seconds: {},
  };
  await page.reload();
  await page.getByText("Cannot score run as it has no outputs").waitFor();
  await page.getByRole("button", { name: "Score it again" }).waitFor();
});

browserTest(
  "verdicts given offline are kept through a reload and sent when the server is back",
  {},
  async ({ page, fake, problems }) => {
    await ready(page);
    fake.failWith = 503;
    await page.keyboard.press("w");
    await page.keyboard.press("e");
    await page.getByText("2 verdicts kept here").waitFor();
    await page.context().setOffline(true);
    fake.failWith = 0;
    await page.keyboard.press("q");
    await page.getByText("3 verdicts kept here").waitFor();
    assert.equal(fake.puts.length, 0);
    await page.context().setOffline(false);
    await until(() => fake.puts.flat().length === 3);
    await page.getByText("All saved").waitFor();

    fake.failWith = 503;
    await page.keyboard.press("e");
    await page.getByText("1 verdict kept here").waitFor();
    fake.failWith = 0;
    await page.reload();
    await until(() => fake.puts.flat().length === 4);
    assert.equal(fake.puts.flat().at(-1)?.verdict, "drop");
    assert.deepEqual(problems, []);
  },
);

browserTest(
  "a verdict the server refuses is taken off the row and said",
  {},
  async ({ page, fake }) => {
    await ready(page);
    fake.refuses = MAILS[0]!.sample_id;
    await page.keyboard.press("e");
    await page.getByText(/was not taken/).waitFor();
    assert.equal(
      await page.locator(".row").first().getAttribute("data-verdict"),
      "clear",
    );
  },
);

browserTest(
  "rows that could not be used are counted, and listed on request",
  {},
  async ({ page }) => {
    await page.getByText("3 rows could not be used").waitFor();
    await page.getByRole("button", { name: "Show why" }).click();
    await page.getByText("label 7 is not in 0..1").waitFor();
    assert.deepEqual(await violations(page), []);
  },
);

browserTest(
  "an access token that ran out is minted again unseen",
  {},
  async ({ page, fake }) => {
    await ready(page);
    fake.expire();
    await page.keyboard.press("q");
    await until(() => fake.puts.flat().length === 1);
    assert.equal(fake.exchanges(), 2);
  },
);

browserTest(
  "untrusted text is text wherever it stands, and nothing of it runs",
  {
    path: `${AT_RUN}?at=training/${encodeURIComponent(MAILS[2]!.sample_id)}`,
  },
  async ({ page }) => {
    await ready(page);
    await page.keyboard.press("e");
    await page.getByText("Dropped “").waitFor();
    await page.keyboard.press("u");
    assert.equal(await page.locator(".text").innerText(), HOSTILE);
    assert.equal(
      await page.locator("#app :is(img, script, [onclick], [onload])").count(),
      0,
    );
    assert.equal(await page.evaluate("window.hacked"), undefined);
  },
);

browserTest(
  "a long list scrolls with a screenful of nodes",
  {},
  async ({ page }) => {
    await ready(page);
    for (let loaded = 60; loaded < 1_200;) {
      await page.locator(".list-scroll").evaluate((e) =>
        e.scrollTop = e.scrollHeight
      );
      await page.waitForFunction(
        (n) =>
          document.querySelector<HTMLElement>(".rows")!.offsetHeight > n * 78,
        loaded,
      );
      loaded = Math.min(1_200, loaded + 200);
    }
    await page.getByText("That is all").waitFor();
    assert.ok(await page.locator(".row").count() < 60);
  },
);

browserTest("without a link the page says how to get one", {
  path: "/",
  token: "",
}, async ({ page }) => {
  await page.getByRole("heading", { name: "Open Assay by its link" }).waitFor();
  assert.deepEqual(await violations(page), []);
});

browserTest(
  "a link of an earlier start says so",
  { path: "/", token: "old" },
  async ({ page }) => {
    await page.getByRole("heading", { name: "This link is no longer valid" })
      .waitFor();
  },
);

browserTest(
  "a viewer looks but does not decide",
  {},
  async ({ page, fake }) => {
    fake.role = "viewer";
    await page.reload();
    await ready(page);
    await page.getByText("(viewer)").waitFor();
    await page.keyboard.press("e");
    await page.getByText(/your role here is viewer/).waitFor();
    assert.equal(fake.puts.length, 0);
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`axe finds nothing on the run page, ${colorScheme}`, {
    colorScheme,
  }, async ({ page }) => {
    await ready(page);
    await page.keyboard.press("w");
    await page.keyboard.press("x");
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    assert.deepEqual(await violations(page), []);
  });
}

browserTest(
  "axe finds nothing on the list of runs",
  { path: "/" },
  async ({ page }) => {
    await page.waitForSelector(".run-list");
    assert.deepEqual(await violations(page), []);
  },
);

browserTest("on a phone a sample opens over the list and Back closes it", {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
}, async ({ page, fake }) => {
  await page.locator(".row").nth(1).click();
  await ready(page);
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Drop" }).click();
  await until(() => fake.puts.flat().length === 1);
  await page.goBack();
  await page.locator(".sample-pane").waitFor({ state: "hidden" });
  const wide = await page.evaluate("document.documentElement.scrollWidth");
  assert.equal(wide, 390);
});

browserTest(
  "on a narrow screen f opens the filters at the search, Escape closes them",
  { viewport: { width: 900, height: 700 } },
  async ({ page }) => {
    await ready(page);
    await page.keyboard.press("f");
    await page.waitForFunction(() => document.activeElement?.id === "search");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.locator("#search").waitFor({ state: "hidden" });
  },
);

browserTest(
  "the run says how many errors to expect in the first hundred, and how sure it is",
  {},
  async ({ page }) => {
    await ready(page);
    assert.equal(
      await page.getByTestId("expected-errors").innerText(),
      "About 47 of the first 100 by mislabeled score have a wrong label (90 % interval 30 to 62, before any verdict).",
    );
    const noise = page.locator(".key-numbers div", { hasText: "Label noise" });
    assert.match(
      await noise.getAttribute("title") ?? "",
      /90 % interval 2\.2 % to 9\.7 %, as far as such estimates were off elsewhere/,
    );
  },
);
