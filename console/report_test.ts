/**
 * The page of a run as a whole.
 *
 * @module
 */
import assert from "node:assert/strict";
import { calibrationWords } from "./components/reliability.tsx";
import { confusedCells } from "./components/confusion_matrix.tsx";
import { madeMails } from "./testing/mails.ts";
import { madeReport } from "./testing/made_report.ts";
import { madeRun } from "./testing/made_run.ts";
import { stageOf } from "./testing/stage.ts";
import { violations } from "./testing/violations.ts";

const SAMPLES = madeMails(40);
const RUN = madeRun(SAMPLES);
const MANY = Array.from({ length: 40 }, (_, k) => `intent ${k}`);

const browserTest = stageOf({ run: RUN, samples: SAMPLES });

browserTest(
  "the run's page leads to its report, and a hidden label back to its samples",
  {},
  async ({ page }) => {
    await page.getByRole("link", { name: /confusions and calibration/ })
      .click();
    await page.getByRole("heading", { name: "What can be told apart" })
      .waitFor();
    assert.match(new URL(page.url()).pathname, /\/report$/);
    await page.getByText("17.3 of 64").waitFor();
    await page.getByText(/too sure of itself: a temperature of 1.62/)
      .first().waitFor();
    assert.equal(await page.locator(".matrix tbody tr").count(), 2);
    assert.equal(await page.locator(".reliability circle").count(), 4);
    await page.getByRole("row", { name: /≈ 31/ }).getByRole("link").click();
    await page.waitForSelector(".sample-pane");
    const { searchParams } = new URL(page.url());
    assert.deepEqual(
      [searchParams.get("label"), searchParams.get("suggested")],
      ["ham", "spam"],
    );
    await page.goBack();
    await page.getByText("17.3 of 64").waitFor();
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`axe finds nothing on the report, ${colorScheme}`, {
    colorScheme,
    path: `/runs/${RUN.run_id}/report`,
  }, async ({ page }) => {
    await page.waitForSelector(".matrix");
    assert.deepEqual(await violations(page), []);
  });
}

browserTest("a report fits a phone", {
  viewport: { width: 390, height: 844 },
  path: `/runs/${RUN.run_id}/report`,
}, async ({ page }) => {
  await page.waitForSelector(".matrix");
  const wide = await page.evaluate("document.documentElement.scrollWidth");
  assert.equal(wide, 390);
});

stageOf({ run: { ...RUN, label_names: MANY }, samples: SAMPLES })(
  "of many classes the report lists the confused pairs, most first",
  { path: `/runs/${RUN.run_id}/report` },
  async ({ page }) => {
    await page.waitForSelector(".report-table");
    assert.equal(await page.locator(".matrix").count(), 0);
    await page.getByRole("button", { name: "Show all 40" }).click();
    await page.getByText("Show fewer").waitFor();
    await page.getByRole("row", { name: /intent 39.*intent 0/ }).first()
      .waitFor();
  },
);

Deno.test("confusedCells() leave out the diagonal", () => {
  const [split] = madeReport(["a", "b", "c"]).splits;
  assert.deepEqual(
    confusedCells(split!.confusion_matrix).map((c) => [c.given_label, c.n]),
    [["c", 9], ["b", 8], ["a", 7]],
  );
});

Deno.test("calibrationWords() tell too sure from not sure enough", () => {
  const [split] = madeReport(["a", "b"]).splits;
  const words = (temperature: number, expected_calibration_error: number) =>
    calibrationWords({
      ...split!.calibration!,
      temperature,
      expected_calibration_error,
    });
  assert.match(words(2, 0.1), /too sure/);
  assert.match(words(0.5, 0.1), /less sure/);
  assert.match(words(0.5, 0.01), /can be believed/);
});
