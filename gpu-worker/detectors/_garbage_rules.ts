// deno-lint-ignore-file camelcase -- details are JSON
import { quantile } from "../kernels/quantile.ts";
import { robustDeviations } from "../kernels/robust_deviations.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import { TEXT_LANGUAGES } from "../signals/text_languages.ts";
import { TEXT_SCRIPTS } from "../signals/text_scripts.ts";

/** Settings of `garbage`; what is "usual" is the median of the dataset. */
export interface GarbageSettings {
  /** Damaged characters, as a share, from which a text is garbage. */
  readonly minDamagedShare: number;
  /** Letters, as a share of visible characters, below which it is. */
  readonly minLetterShare: number;
  /** The most frequent word, as a share of all words, from which it is. */
  readonly minRepeatedShare: number;
  /** A script or language is the dataset's own where this share of the texts is in it. */
  readonly minMajorityShare: number;
  /** So many times shorter or longer than usual is too short or long... */
  readonly maxLengthRatio: number;
  /** ...if it is also so many robust standard deviations away, as logarithms; so for sharpness, size and aspect. */
  readonly minDeviations: number;
  /** Standard deviation of luminance below which an image is blank. */
  readonly minContrast: number;
  /** Mean luminance below which it is dark. */
  readonly minLuminance: number;
  /** Sharpness, as a share of the usual, below which it is blurred. */
  readonly maxSharpnessRatio: number;
  /** So many times fewer or more pixels than usual is an odd size. */
  readonly maxSizeRatio: number;
  /** So many times narrower or wider than usual is an odd shape. */
  readonly maxAspectRatio: number;
  /** Share of features that are missing from which a row is garbage. */
  readonly maxMissingShare: number;
  /** What holds for more of the samples than this share is normal. */
  readonly maxShare: number;
}

/** That a rule holds for a sample. */
export interface GarbageFinding {
  /** How much, in [0, 1]. */
  readonly severity: number;
  /** What was measured. */
  readonly value: number | string;
  /** What is usual in this dataset. */
  readonly usual?: number | string;
  /** Share of the texts in the usual script or language. */
  readonly usual_share?: number;
}

/** One rule. */
export interface GarbageRule {
  /** Its name in details. */
  readonly name: string;
  /** What it says of a row: null where there is nothing to look at, false where it does not hold. */
  readonly find: (row: number) => GarbageFinding | false | null;
  /** Whether it holds however many samples it holds for. */
  readonly isAlways?: boolean;
}

/** Rules for what was measured, in the order in which they are told. */
export function garbageRules(
  facts: ContentFacts,
  settings: GarbageSettings,
): GarbageRule[] {
  return [
    ...textRules(facts, settings),
    ...imageRules(facts, settings),
    ...featureRules(facts, settings),
  ];
}

function textRules(facts: ContentFacts, s: GarbageSettings): GarbageRule[] {
  const length = facts.text_length;
  if (!length) return [];
  const holdsOther = (row: number) =>
    facts.image_width?.[row]! >= 0 || facts.features_missing_share?.[row]! < 1;
  return listed([
    {
      name: "empty_text",
      isAlways: true,
      find: (row) =>
        Number.isNaN(length[row]!) || holdsOther(row)
          ? null
          : length[row] === 0 && { severity: 1, value: 0 },
    },
    above("damaged_text", facts.text_damaged_share, s.minDamagedShare),
    below("no_letters", facts.text_letter_share, s.minLetterShare),
    above("repeated_word", facts.text_repeated_share, s.minRepeatedShare),
    minority("other_script", facts.text_script, TEXT_SCRIPTS, s),
    minority("other_language", facts.text_language, TEXT_LANGUAGES, s),
    unusual(
      "odd_length",
      length.map((x) => x > 0 ? x : NaN),
      s.maxLengthRatio,
      s,
    ),
  ]);
}

function imageRules(facts: ContentFacts, s: GarbageSettings): GarbageRule[] {
  const { image_width: width, image_height: height } = facts;
  const sharpness = facts.image_sharpness;
  return listed([
    below("blank_image", facts.image_contrast, s.minContrast),
    below("dark_image", facts.image_luminance, s.minLuminance),
    sharpness && unusual(
      "blurred_image",
      // what is blank has no sharpness to speak of
      sharpness.map((x, row) =>
        facts.image_contrast?.[row]! < s.minContrast ? NaN : Math.max(1e-9, x)
      ),
      1 / s.maxSharpnessRatio,
      s,
      "below",
    ),
    width && height && unusual(
      "odd_size",
      width.map((w, row) => w * height[row]!),
      s.maxSizeRatio,
      s,
    ),
    width && height && unusual(
      "odd_shape",
      width.map((w, row) => w / height[row]!),
      s.maxAspectRatio,
      s,
    ),
  ]);
}

function featureRules(facts: ContentFacts, s: GarbageSettings): GarbageRule[] {
  return listed([
    above("missing_features", facts.features_missing_share, s.maxMissingShare),
    above("constant_features", facts.features_constant, 1),
  ]);
}

function listed(
  rules: readonly (GarbageRule | null | undefined)[],
): GarbageRule[] {
  return rules.flatMap((rule) => rule ?? []);
}

function above(
  name: string,
  values: Float32Array | undefined,
  least: number,
): GarbageRule | null {
  return values
    ? {
      name,
      find: (row) =>
        Number.isNaN(values[row]!) ? null : values[row]! >= least && {
          severity: least < 1 ? (values[row]! - least) / (1 - least) : 1,
          value: values[row]!,
        },
    }
    : null;
}

function below(
  name: string,
  values: Float32Array | undefined,
  most: number,
): GarbageRule | null {
  return values
    ? {
      name,
      find: (row) =>
        Number.isNaN(values[row]!) ? null : values[row]! < most && {
          severity: 1 - values[row]! / most,
          value: values[row]!,
        },
    }
    : null;
}

/** Not of the kind that nearly all others are of. */
function minority(
  name: string,
  values: Float32Array | undefined,
  names: readonly string[],
  { minMajorityShare }: GarbageSettings,
): GarbageRule | null {
  if (!values) return null;
  const counts = new Uint32Array(names.length);
  let known = 0;
  for (const kind of values) {
    if (Number.isNaN(kind)) continue;
    counts[kind]!++;
    known++;
  }
  const usual = counts.indexOf(Math.max(...counts));
  const share = counts[usual]! / known;
  if (!(share >= minMajorityShare)) return null;
  return {
    name,
    find: (row) =>
      Number.isNaN(values[row]!) ? null : values[row] !== usual && {
        severity: 0.5,
        value: names[values[row]!] ?? "other",
        usual: names[usual]!,
        usual_share: share,
      },
  };
}

/** So many times less or more than the median, and beyond the spread of the others. */
function unusual(
  name: string,
  values: Float32Array,
  ratio: number,
  { minDeviations }: GarbageSettings,
  side: "both" | "below" = "both",
): GarbageRule {
  const usual = quantile(values, 0.5);
  const logs = Float64Array.from(values, (x) => Math.log(x / usual));
  const above = robustDeviations(logs);
  const below = robustDeviations(logs.map((x) => -x));
  // NaN: the others do not spread, so that any difference is beyond
  const isFar = (z: number) => !(z < minDeviations);
  return {
    name,
    find: (row) => {
      const x = logs[row]!;
      if (Number.isNaN(x)) return null;
      const times = Math.exp(Math.abs(x));
      const isOdd = times >= ratio &&
        (x < 0 ? isFar(below[row]!) : side === "both" && isFar(above[row]!));
      return isOdd &&
        { severity: 1 - ratio / times, value: values[row]!, usual };
    },
  };
}
