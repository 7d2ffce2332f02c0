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

Deno.test("reasonOf() tells in what an outlier is far, and whom it is compared with", () => {
  const details = { predicted_label: 1, times_usual: 2.345, deviations: 5 };
  const reason = (more: SampleIssue["details"]) =>
    reasonOf([issue("outlier", { ...details, ...more })], names);
  assert.equal(
    reason({ look: "position", less_isolated_share: 0.5 }),
    'Far from the samples taken for "spam": 2.3 times the usual distance',
  );
  assert.equal(
    reason({ look: "neighbours", less_isolated_share: 0.996 }),
    "Even its nearest samples are 2.3 times as far away as usual, and an isolation forest finds over 99 % of samples more usual",
  );
  assert.equal(
    reason({ look: "direction", predicted_label: -1 }),
    "Of another kind than the other samples: 2.3 times as far from them as is usual, whatever its size",
  );
  assert.equal(
    reason({ look: "position", column: 5, column_deviations: -7.04 }),
    'Far from the samples taken for "spam": 2.3 times the usual distance, most of all in feature 5 (7.0 standard deviations below its mean)',
  );
});

Deno.test("reasonOf() tells an outlier without a multiple where most samples have no distance", () => {
  const reason = (more: SampleIssue["details"]) =>
    reasonOf([issue("outlier", { predicted_label: 1, ...more })], names);
  assert.equal(
    reason({ look: "position" }),
    'Far from the samples taken for "spam", where most samples equal those of their class',
  );
  assert.equal(
    reason({ look: "neighbours", less_isolated_share: 0.97 }),
    "Even its nearest samples differ from it, where most samples equal theirs, and an isolation forest finds 97 % of samples more usual",
  );
  assert.equal(
    reason({ look: "direction", predicted_label: -1 }),
    "Of another kind than the other samples, where most samples are of the very same kind",
  );
});

Deno.test("reasonOf() names the rule that garbage breaks, and the value", () => {
  const cases: [SampleIssue["details"], string][] = [
    [{ rule: "empty_text", value: 0 }, "Its text is empty"],
    [
      { rule: "damaged_text", value: 0.124 },
      "12 % of its characters are damaged: the text was read in a wrong encoding",
    ],
    [
      { rule: "no_letters", value: 0.05 },
      "Only 5 % of its characters are letters",
    ],
    [
      { rule: "repeated_word", value: 0.8 },
      "80 % of its words are the same word",
    ],
    [
      {
        rule: "other_script",
        value: "Cyrillic",
        usual: "Latin",
        usual_share: 0.98,
      },
      "Written in Cyrillic letters, where 98 % of the texts are in Latin",
    ],
    [
      {
        rule: "other_language",
        value: "German",
        usual: "English",
        usual_share: 0.97,
      },
      "Written in German, where 97 % of the texts that tell are in English",
    ],
    [
      { rule: "odd_length", value: 1, usual: 4321 },
      "Its text has 1 character, where 4,321 characters are usual",
    ],
    [
      { rule: "blank_image", value: 0.00412 },
      "The image is blank: its brightness varies by 0.0041 only, from black 0 to white 1",
    ],
    [
      { rule: "dark_image", value: 0.011 },
      "The image is dark: its mean brightness is 0.011, from black 0 to white 1",
    ],
    [
      { rule: "blurred_image", value: 0.0001, usual: 0.02 },
      "The image is blurred: it is 200 times less sharp than usual",
    ],
    [
      { rule: "odd_size", value: 768, usual: 76_800 },
      "The image has 768 pixels, where 76,800 are usual",
    ],
    [
      { rule: "odd_shape", value: 18.75, usual: 1.333 },
      "The image is 19 times as wide as high, where 1.3 is usual",
    ],
    [
      { rule: "missing_features", value: 0.9 },
      "90 % of its features are missing",
    ],
    [
      { rule: "missing_features", value: 1 },
      "All of its features are missing",
    ],
    [
      { rule: "constant_features", value: 1 },
      "All of its features are the same number",
    ],
  ];
  for (const [details, sentence] of cases) {
    assert.equal(reasonOf([issue("garbage", details)], names), sentence);
  }
});

Deno.test("reasonOf() names the classes of a boundary", () => {
  const details = {
    first_label: 1,
    second_label: 0,
    first_probability: 0.52,
    second_probability: 0.44,
    pair_confusions: 12,
  };
  assert.equal(
    reasonOf([issue("boundary", details)], names),
    'Between "spam" (52 %) and "ham" (44 %), which are confused 12 times',
  );
  const probed = {
    ...details,
    pair_confusions: 1,
    probe_sees: "text",
    probe_first_probability: 0.4,
    probe_second_probability: 0.5,
  };
  assert.equal(
    reasonOf([issue("boundary", probed)], names),
    'Between "spam" (52 %) and "ham" (44 %); a probe on its text gives them 40 % and 50 %',
  );
});
