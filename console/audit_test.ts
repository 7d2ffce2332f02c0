/**
 * The page of an audit in a real Chromium, against a fake API.
 *
 * @module
 */
import assert from "node:assert/strict";
import { madeRun } from "./testing/made_run.ts";
import { madeMails } from "./testing/mails.ts";
import { stageOf } from "./testing/stage.ts";
import { violations } from "./testing/violations.ts";

const MAILS = madeMails(1_200);
const MADE = madeRun(MAILS);
const RUN = madeRun(MAILS, {
  summary: {
    ...MADE.summary!,
    verdict:
      "57 of 1,200 labels look wrong. There is not enough evidence to say how many labels are wrong in all. Audit 100 samples to find out.",
    estimated_noise_rate: null,
    noise_rate_interval: null,
    expected_errors: null,
  },
});
const AT_AUDIT = `/runs/${RUN.run_id}/audit`;
const DRAWN = MAILS.filter((_, i) => i % 97 === 5).slice(0, 12);

const browserTest = stageOf({ run: RUN, samples: MAILS });

browserTest(
  "a run without a number offers an audit, which ends with one",
  {},
  async ({ page, fake }) => {
    await page.getByRole("link", { name: "Audit 100 samples" }).click();
    const question = page.locator(".audit-question");
    await question.waitFor();
    assert.ok(page.url().endsWith("/audit"));
    for (const [i, sample] of DRAWN.entries()) {
      await page.locator(".sample-head h2", { hasText: sample.sample_id })
        .waitFor();
      assert.ok((await question.innerText()).includes(sample.given_label!));
      if (i === 4) {
        await page.getByText("a number after 3 more").waitFor();
      }
      // the given label by its number means keep
      await page.keyboard.press(i % 3 === 2 ? "e" : i % 2 ? "q" : "1");
    }
    const answer = page.getByTestId("audit-answer");
    await answer.getByText("About 61 of 1,200 labels are wrong").waitFor();
    assert.match(
      await answer.innerText(),
      /interval 40 to 89, that is 3\.4 % to 7\.4 %/,
    );
    await page.getByText("12 of 12 judged").waitFor();
    const sent = fake.puts.flat();
    assert.deepEqual(
      sent.map((v) => v.sample_id),
      DRAWN.map((s) => s.sample_id),
    );
    assert.deepEqual(
      sent.map(({ verdict, label }) => [verdict, label]),
      DRAWN.map(({ given_label }, i) =>
        i % 3 === 2
          ? ["drop", null]
          : i % 2 || given_label === "ham"
          ? ["keep", null]
          : ["relabel", "ham"]
      ),
    );
    await page.getByRole("link", { name: "Go on with the worst samples" })
      .click();
    await page.waitForSelector(".neighbours");
  },
);

browserTest(
  "nothing of what we think of a sample is shown before it is judged",
  { path: AT_AUDIT },
  async ({ page }) => {
    await page.locator(".audit-question").waitFor();
    const text = await page.locator("main").innerText();
    assert.doesNotMatch(
      text,
      /mislabeled|suggest|predicted|rank|hardness|probab|neighbour/i,
    );
    for (const { reason } of DRAWN) {
      if (reason) assert.ok(!text.includes(reason));
    }
  },
);

browserTest(
  "later comes again at the end, and a verdict is undone",
  { path: AT_AUDIT },
  async ({ page, fake }) => {
    const at = (i: number) =>
      page.locator(".sample-head h2", { hasText: DRAWN[i]!.sample_id })
        .waitFor();
    await at(0);
    await page.keyboard.press("n");
    await at(1);
    await page.keyboard.press("q");
    await at(2);
    await page.keyboard.press("u");
    await at(1);
    for (let i = 1; i < DRAWN.length; i++) {
      await at(i);
      await page.keyboard.press("q");
    }
    await at(0);
    await page.getByText("11 of 12 judged").waitFor();
    await page.getByRole("button", { name: "Keep" }).click();
    await page.getByText("12 of 12 judged").waitFor();
    await page.getByRole("link", { name: "Go on with" }).waitFor();
    assert.equal(fake.puts.flat().length, 1 + 1 + 1 + 11 + 1);
  },
);

browserTest(
  "what was judged before is not asked again",
  { path: AT_AUDIT },
  async ({ page }) => {
    await page.locator(".audit-question").waitFor();
    await page.keyboard.press("q");
    await page.getByText("All saved").waitFor();
    await page.reload();
    await page.locator(".sample-head h2", { hasText: DRAWN[1]!.sample_id })
      .waitFor();
    assert.match(
      await page.getByTestId("audit-progress").innerText(),
      /^1 of 12 judged/,
    );
  },
);

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`axe finds nothing on the audit page, ${colorScheme}`, {
    path: AT_AUDIT,
    colorScheme,
  }, async ({ page }) => {
    await page.locator(".audit-question").waitFor();
    for (let i = 0; i < 7; i++) await page.keyboard.press("q");
    await page.getByTestId("audit-answer").waitFor();
    assert.deepEqual(await violations(page), []);
  });
}

browserTest(
  "a phone shows question, text and keys without scrolling sideways",
  { path: AT_AUDIT, viewport: { width: 390, height: 800 } },
  async ({ page }) => {
    await page.locator(".audit-question").waitFor();
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth - innerWidth
    );
    assert.ok(wide <= 0, `${wide}`);
  },
);
