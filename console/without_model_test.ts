/**
 * The page of a table that was scored without a model.
 *
 * @module
 */
import assert from "node:assert/strict";
import { madeRun } from "./testing/made_run.ts";
import { madeMails } from "./testing/mails.ts";
import { stageOf } from "./testing/stage.ts";

const NOTE = "Texts are weighted means of their tokens";
const SAMPLES = madeMails(40).map((sample) => ({
  ...sample,
  dynamics: {
    ...sample.dynamics,
    first_learned_epoch: null,
    forgetting_events: null,
    aum: null,
    variability: null,
  },
}));
const { summary, ...rest } = madeRun(SAMPLES);
const RUN = {
  ...rest,
  summary: { ...summary!, n_epochs: 0, accuracy: {}, notes: [NOTE] },
};

stageOf({ run: RUN, samples: SAMPLES })(
  "a table without a model speaks of no epochs, and says how it was scored",
  {},
  async ({ page }) => {
    await page.waitForSelector(".neighbours");
    const numbers = await page.locator(".key-numbers dt").allInnerTexts();
    assert.deepEqual(numbers, [
      "Samples",
      "Mislabeled",
      "Label noise",
      "Reviewed",
    ]);
    assert.equal(await page.getByText("How it was learned").count(), 0);
    await page.getByText("How it was found").click();
    await page.getByText(NOTE).waitFor();
  },
);
