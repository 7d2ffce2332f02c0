// deno-lint-ignore-file camelcase
/**
 * The page of a run's revisions: scoring again, and what changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { typedThresholds } from "./components/rescore_form.tsx";
import { scoredBy } from "./pages/revisions.tsx";
import { madeMails } from "./testing/mails.ts";
import { madeRun } from "./testing/made_run.ts";
import { stageOf } from "./testing/stage.ts";
import { violations } from "./testing/violations.ts";

const SAMPLES = madeMails(400);
const RUN = madeRun(SAMPLES);
const PATH = `/runs/${RUN.run_id}/revisions`;

const browserTest = stageOf({ run: RUN, samples: SAMPLES });

browserTest(
  "a run is scored again by another threshold, and what changed is listed",
  {},
  async ({ page }) => {
    await page.getByRole("link", { name: "Score again, compare" }).click();
    await page.getByText("1 revision", { exact: true }).waitFor();
    await page.getByText("Thresholds", { exact: true }).click();
    await page.getByLabel("min probability").fill("0.9");
    await page.getByRole("button", { name: "Score again" }).click();
    await page.getByRole("progressbar").waitFor();
    await page.getByText("2 revisions", { exact: true }).waitFor();
    await page.getByText("3 verdicts; mislabeled, min probability 0.9")
      .waitFor();
    await page.getByText("What revision 2 says differently").waitFor();
    await page.getByText("Thresholds", { exact: true }).click();
    assert.equal(await page.getByLabel("min probability").inputValue(), "0.9");
    assert.equal(
      new URL(page.url()).searchParams.get("of"),
      "revision-2",
    );
    const rows = page.locator(".changes tbody tr");
    assert.equal(await rows.count(), 5);
    await page.getByRole("button", { name: "Show more" }).click();
    await page.waitForFunction(
      "document.querySelectorAll('.changes tbody tr').length > 5",
    );
    await page.getByRole("button", { name: "0 newly flagged" }).click();
    await page.getByText("No sample changed in this way").waitFor();
    await page.goBack();
    await rows.first().getByRole("link").click();
    await page.waitForSelector(".sample-pane");
  },
);

browserTest(
  "a rescoring can be cancelled",
  { path: PATH },
  async ({ page }) => {
    await page.getByRole("button", { name: "Score again" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled.").waitFor();
    await page.getByText("1 revision", { exact: true }).waitFor();
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`axe finds nothing on the revisions, ${colorScheme}`, {
    colorScheme,
    path: PATH,
  }, async ({ page }) => {
    await page.getByRole("button", { name: "Score again" }).click();
    await page.waitForSelector(".changes");
    await page.getByText("Thresholds", { exact: true }).click();
    assert.deepEqual(await violations(page), []);
  });
}

browserTest("revisions fit a phone", {
  viewport: { width: 390, height: 844 },
  path: PATH,
}, async ({ page }) => {
  await page.getByRole("button", { name: "Score again" }).click();
  await page.waitForSelector(".changes");
  const wide = await page.evaluate("document.documentElement.scrollWidth");
  assert.equal(wide, 390);
});

Deno.test("typedThresholds() leave out what is empty and what is the default", () => {
  const range = { default: 0.2, min: 0, max: 1, is_integer: false, says: "" };
  const ranges = { mislabeled: { a: range, b: range }, hard: { c: range } };
  assert.deepEqual(
    typedThresholds(ranges, {
      "mislabeled.a": "0.5",
      "mislabeled.b": " ",
      "hard.c": "0.2",
    }),
    { mislabeled: { a: 0.5 } },
  );
});

Deno.test("scoredBy() says what differs from what is usual", () => {
  const plain = { thresholds: {}, n_verdicts: null, model_id: null };
  assert.equal(scoredBy(plain), "the defaults");
  assert.equal(
    scoredBy({
      thresholds: { hard: { late_share: 0.5 } },
      n_verdicts: 1,
      model_id: "m",
    }),
    "a stored model; 1 verdict; hard, late share 0.5",
  );
});
