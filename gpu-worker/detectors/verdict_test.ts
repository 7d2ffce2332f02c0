import assert from "node:assert/strict";
import { trainingSplit } from "./_testing.ts";
import { summarize } from "./verdict.ts";

const base = {
  labelNames: ["ham", "spam"],
  splits: [trainingSplit(2000, 10)],
  nLabelled: 2000,
  nJudged: 2000,
  issues: [],
  classPairs: [],
  noiseRate: 0.05,
  errors: null,
};

Deno.test("summarize() tells how many labels look wrong and which pair is behind it", () => {
  const { verdict, issue_counts, accuracy, n_epochs } = summarize({
    ...base,
    issues: [0, 1].map((row) => ({
      row,
      issueType: "mislabeled",
      score: 1,
      details: {},
    })),
    classPairs: [{
      split: "training",
      givenLabel: 1,
      suggestedLabel: 0,
      nFlagged: 2,
      shareOfGiven: 0.1,
    }],
  });
  assert.equal(
    verdict,
    '2 of 2,000 labels look wrong, most often "spam" that should be "ham" (2).',
  );
  assert.deepEqual(issue_counts, { mislabeled: 2 });
  assert.deepEqual(accuracy, { training: 1 });
  assert.equal(n_epochs, 10);
});

Deno.test("summarize() says what it does not know", () => {
  const { verdict, estimated_noise_rate } = summarize({
    ...base,
    noiseRate: null,
  });
  assert.match(
    verdict,
    /^No label of 2,000 looks wrong\. There is not enough evidence/,
  );
  assert.equal(estimated_noise_rate, null);
  assert.match(verdict, /Audit 100 samples to find out\.$/);
  const few = summarize({ ...base, nJudged: 31, noiseRate: null });
  assert.match(few.verdict, /Audit 31 samples to find out\.$/);
  assert.match(
    summarize({ ...base, nJudged: 0, noiseRate: null }).verdict,
    /^None of 2,000 labels could be checked: [^.]*\.$/,
  );
  assert.match(
    summarize({ ...base, nJudged: 1990 }).verdict,
    /^No label of 1,990 looks wrong\.$/,
  );
  assert.match(
    summarize({ ...base, nLabelled: 0, nJudged: 0 }).verdict,
    /No sample is labelled/,
  );
});

Deno.test("summarize() names samples that are strange, where there are any", () => {
  const issues = (["outlier", "outlier", "garbage"] as const).map(
    (issueType, row) => ({ row, issueType, score: 1, details: {} }),
  );
  assert.match(
    summarize({ ...base, issues }).verdict,
    /\. 2 samples lie far from all others; 1 sample holds garbage\.$/,
  );
});
