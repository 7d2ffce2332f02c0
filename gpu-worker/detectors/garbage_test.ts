// deno-lint-ignore-file camelcase -- facts are keys
import assert from "node:assert/strict";
import type { ContentFact } from "../signals/content_facts.ts";
import { TEXT_LANGUAGES } from "../signals/text_languages.ts";
import { garbage } from "./garbage.ts";

const N = 200;

type Facts = Partial<Record<ContentFact, number>>;

/** Usual samples with a little spread, and those that differ, first. */
function detect(usual: Facts, ...odd: Facts[]) {
  const names = new Set(
    [usual, ...odd].flatMap((f) => Object.keys(f)),
  ) as Set<ContentFact>;
  const facts = Object.fromEntries(
    Array.from(names, (name) => [
      name,
      Float32Array.from({ length: N }, (_, i) => {
        const given = i < odd.length
          ? odd[i]![name] ?? usual[name]
          : usual[name];
        const isKind = name === "text_script" || name === "text_language";
        const spread = i < odd.length || isKind ? 1 : 1 + (i % 10) / 30;
        return (given ?? NaN) * spread;
      }),
    ]),
  );
  const labels = new Int32Array(N);
  const found = garbage.detect({ labels, facts }, garbage.defaults);
  return {
    ...found,
    flagged: [...found.isIssue.keys()].filter((i) => found.isIssue[i]),
  };
}

const TEXT: Facts = {
  text_length: 100,
  text_damaged_share: 0,
  text_letter_share: 0.7,
  text_repeated_share: 0.1,
  text_script: 0,
  text_language: TEXT_LANGUAGES.indexOf("English"),
};

const IMAGE: Facts = {
  image_width: 320,
  image_height: 240,
  image_luminance: 0.4,
  image_contrast: 0.15,
  image_sharpness: 0.02,
};

const CASES: [rule: string, usual: Facts, odd: Facts][] = [
  ["empty_text", TEXT, {
    text_length: 0,
    text_damaged_share: NaN,
    text_letter_share: NaN,
  }],
  ["damaged_text", TEXT, { text_damaged_share: 0.2 }],
  ["no_letters", TEXT, { text_letter_share: 0.05 }],
  ["repeated_word", TEXT, { text_repeated_share: 0.8 }],
  ["other_script", TEXT, { text_script: 1, text_language: NaN }],
  ["other_language", TEXT, { text_language: TEXT_LANGUAGES.indexOf("French") }],
  ["odd_length", TEXT, { text_length: 2 }],
  ["odd_length", TEXT, { text_length: 90_000 }],
  ["blank_image", IMAGE, { image_contrast: 0.001, image_sharpness: 0 }],
  ["dark_image", IMAGE, { image_luminance: 0.01 }],
  ["blurred_image", IMAGE, { image_sharpness: 0.0001 }],
  ["odd_size", IMAGE, { image_width: 32, image_height: 24 }],
  ["odd_shape", IMAGE, { image_width: 1200, image_height: 64 }],
  ["missing_features", { features_missing_share: 0 }, {
    features_missing_share: 0.9,
  }],
  ["constant_features", { features_constant: 0 }, { features_constant: 1 }],
];

for (const [rule, usual, odd] of CASES) {
  Deno.test(`garbage flags ${JSON.stringify(odd)} by rule ${rule}, and nothing usual`, () => {
    const { flagged, details, score } = detect(usual, odd);
    assert.deepEqual(flagged, [0]);
    assert.equal(details.get(0)!.rule, rule);
    assert.ok(score[0]! >= 0.5 && score[0]! <= 1);
    assert.ok(score.subarray(1).every((s) => s === 0));
  });

  if (rule === "empty_text") continue;
  Deno.test(`garbage flags nothing by rule ${rule} where it holds for a tenth of the samples: ${JSON.stringify(odd)}`, () => {
    const { flagged } = detect(usual, ...new Array<Facts>(N / 10).fill(odd));
    assert.deepEqual(flagged, []);
  });
}

Deno.test("garbage flags empty texts however many there are, but not beside an image", () => {
  const empty = { ...TEXT, text_length: 0 };
  assert.equal(
    detect(TEXT, ...new Array<Facts>(60).fill(empty)).flagged.length,
    60,
  );
  assert.deepEqual(
    detect({ ...TEXT, ...IMAGE }, { text_length: 0 }).flagged,
    [],
  );
});

Deno.test("garbage takes a row with features for no empty text, unless all are missing", () => {
  const usual = { ...TEXT, features_missing_share: 0 };
  const empty = { text_length: 0, text_damaged_share: NaN };
  assert.deepEqual(detect(usual, empty).flagged, []);
  const { flagged, details } = detect(usual, {
    ...empty,
    features_missing_share: 1,
  });
  assert.deepEqual(flagged, [0]);
  assert.equal(details.get(0)!.rule, "empty_text");
});

Deno.test("garbage has no usual language in a dataset of several", () => {
  const french = { text_language: TEXT_LANGUAGES.indexOf("French") };
  assert.deepEqual(
    detect(TEXT, ...new Array<Facts>(80).fill(french)).flagged,
    [],
  );
});

Deno.test("garbage tells the first rule that holds, and names the others", () => {
  const { details, score } = detect(TEXT, {
    text_damaged_share: 0.4,
    text_repeated_share: 1,
  });
  assert.equal(details.get(0)!.rule, "damaged_text");
  assert.equal(details.get(0)!.also, "repeated_word");
  assert.equal(score[0], 1);
});

Deno.test("garbage knows nothing of samples that nobody looked at", () => {
  const { score, flagged } = detect({});
  assert.ok(score.every(Number.isNaN));
  assert.deepEqual(flagged, []);
});
