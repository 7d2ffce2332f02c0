// deno-lint-ignore-file camelcase -- details are JSON
import assert from "node:assert/strict";
import type { IssueType } from "@shared/types/issue.ts";
import { reasonOf } from "./reasons.ts";
import type { SampleIssue } from "./score_types.ts";

const names = {
  labelNames: ["ham", "spam"],
  sampleId: (row: number) => `mail-${row}`,
};
const issue = (
  issueType: IssueType,
  details: SampleIssue["details"] = {},
): SampleIssue => ({ row: 0, issueType, score: 1, details });
const mislabeled = {
  given_label: 0,
  suggested_label: 1,
  is_out_of_sample: 0,
  epochs: 10,
  epochs_for_suggested: 9,
  neighbours: 20,
  neighbours_for_suggested: 18,
  given_probability: 0.25,
  suggested_probability: 0.75,
};

Deno.test("reasonOf() tells epochs and neighbours of a label that looks wrong", () => {
  assert.equal(
    reasonOf([issue("mislabeled", mislabeled)], names),
    'Labelled "ham", but the model said "spam" in 9 of 10 epochs and 18 of its 20 nearest neighbours are labelled "spam"',
  );
});

Deno.test("reasonOf() tells what a probe says where there is no model", () => {
  const details = {
    ...mislabeled,
    judge: "probe",
    is_out_of_sample: 1,
    epochs: 0,
    epochs_for_suggested: 0,
    suggested_probability: 0.97,
  };
  assert.equal(
    reasonOf([issue("mislabeled", details)], names),
    'Labelled "ham", but samples like it are "spam": a probe that did not see it gives "spam" 97 %, and 18 of its 20 nearest neighbours are labelled "spam"',
  );
  const alone = {
    ...details,
    neighbours_for_suggested: 4,
    suggested_probability: 0.9996,
  };
  assert.equal(
    reasonOf([issue("mislabeled", alone)], names),
    'Labelled "ham", but a probe that did not see it gives "spam" over 99 %',
  );
});

Deno.test("reasonOf() tells both opinions where they agree", () => {
  const both = {
    ...mislabeled,
    probe_sees: "text",
    probe_label: 1,
    probe_given_probability: 0.02,
    probe_suggested_probability: 0.97,
  };
  const reason = (more: SampleIssue["details"]) =>
    reasonOf([issue("mislabeled", { ...both, ...more })], names);
  assert.equal(
    reason({ neighbours_for_suggested: 4 }),
    'Labelled "ham", but the model said "spam" in 9 of 10 epochs and a probe on its text that did not see it gives "spam" 97 %',
  );
  assert.equal(
    reason({ probe_sees: "image", probe_suggested_probability: 0.9999 }),
    'Labelled "ham", but the model said "spam" in 9 of 10 epochs, 18 of its 20 nearest neighbours are labelled "spam" and a probe on its image that did not see it gives "spam" over 99 %',
  );
  assert.equal(
    reason({ probe_label: 0 }),
    reasonOf([issue("mislabeled", mislabeled)], names),
  );
});

Deno.test("reasonOf() begins with the probe where the model is for the given label", () => {
  const details = {
    ...mislabeled,
    epochs_for_suggested: 0,
    neighbours_for_suggested: 4,
    given_probability: 0.8,
    suggested_probability: 0.1,
    probe_sees: "text",
    probe_label: 1,
    probe_given_probability: 0.02,
    probe_suggested_probability: 0.97,
  };
  assert.equal(
    reasonOf([issue("mislabeled", details)], names),
    'Labelled "ham", but a probe on its text that did not see it gives "spam" 97 %, while the model gave "spam" 10 % and the label 80 %',
  );
});

Deno.test("reasonOf() says of no image or table row that it says something", () => {
  const copy = { given_label: 0, other_label: 1, partner: 7, source: "image" };
  assert.equal(
    reasonOf([issue("label_conflict", { ...copy, group_size: 2 })], names),
    'Labelled "ham", but sample "mail-7" is almost the same and is labelled "spam"',
  );
  assert.equal(
    reasonOf([issue("leakage", { partner: 7, source: "columns" })], names),
    'Is almost the same as sample "mail-7" in the training data, so it measures memory',
  );
});

Deno.test("reasonOf() leaves out neighbours that do not agree, and tells probabilities when most epochs do not", () => {
  const details = {
    ...mislabeled,
    epochs_for_suggested: 3,
    neighbours_for_suggested: 4,
  };
  assert.equal(
    reasonOf([issue("mislabeled", details)], names),
    'Labelled "ham", but the model gave "spam" 75 % and the label 25 % before it learned the label (3 of 10 epochs said "spam")',
  );
});

Deno.test("reasonOf() says when the model was not trained on the sample", () => {
  const details = {
    ...mislabeled,
    is_out_of_sample: 1,
    neighbours: 0,
    neighbours_for_suggested: 0,
  };
  assert.equal(
    reasonOf([issue("mislabeled", details)], names),
    'Labelled "ham", but the model, which was not trained on it, says "spam"',
  );
});

Deno.test("reasonOf() names the copy, and other issues after the first", () => {
  const conflict = issue("label_conflict", {
    given_label: 1,
    other_label: 0,
    group_size: 2,
    labelled_otherwise: 1,
    partner: 7,
  });
  assert.equal(
    reasonOf([conflict, issue("near_duplicate"), issue("hard")], names),
    'Labelled "spam", but sample "mail-7" says almost the same and is labelled "ham" (also near duplicate, hard)',
  );
});

Deno.test("reasonOf() has a sentence for every issue type, also without ids and details", () => {
  const nameless = { labelNames: [], sampleId: () => null };
  for (
    const type of [
      "mislabeled",
      "label_conflict",
      "leakage",
      "near_duplicate",
      "garbage",
      "ambiguous",
      "hard",
    ] as const
  ) {
    const reason = reasonOf([issue(type)], nameless);
    assert.ok(reason.length > 3, type);
    assert.doesNotMatch(reason, /undefined|null|NaN|\.$/);
  }
});

Deno.test("reasonOf() of a clean sample is empty", () => {
  assert.equal(reasonOf([], names), "");
});
