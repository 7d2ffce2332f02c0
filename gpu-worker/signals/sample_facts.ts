import type { ContentFact, ContentFacts } from "./content_facts.ts";
import { textFacts } from "./text_facts.ts";

/** Facts about one sample; what it has no content for is left out. */
export type SampleFacts = Readonly<Partial<Record<ContentFact, number>>>;

/**
 * Facts about a sample's text and features. O(characters + features).
 *
 * @param content Its text and the numbers of its table row; null without.
 * @returns Facts.
 *
 * @example
 * ```ts
 * import { sampleFacts } from "./sample_facts.ts";
 * import assert from "node:assert/strict";
 *
 * const facts = sampleFacts({ text: null, features: [0, 0, 0] });
 * assert.deepEqual(facts, { features_missing_share: 0, features_constant: 1 });
 * ```
 */
export function sampleFacts(
  { text, features }: {
    readonly text: string | null;
    readonly features: ArrayLike<number> | null;
  },
): SampleFacts {
  return {
    ...(text !== null && ofText(text)),
    ...(features && ofFeatures(features)),
  };
}

function ofText(text: string): SampleFacts {
  const facts = textFacts(text);
  return {
    text_length: facts.length,
    text_damaged_share: facts.damagedShare,
    text_letter_share: facts.letterShare,
    text_repeated_share: facts.repeatedShare,
    text_script: facts.script,
    text_language: facts.language,
  };
}

function ofFeatures(features: ArrayLike<number>): SampleFacts {
  let [missing, isConstant] = [0, features.length > 1];
  for (let i = 0; i < features.length; i++) {
    if (!Number.isFinite(features[i])) missing++;
    if (features[i] !== features[0]) isConstant = false;
  }
  return {
    features_missing_share: features.length > 0 ? missing / features.length : 1,
    features_constant: isConstant ? 1 : 0,
  };
}

/**
 * Facts about many samples, one column a fact. Where a sample has neither
 * features nor another content, though others have features, all of its
 * features are missing.
 *
 * @param samples Facts about each, (n,).
 * @param hasContent Whether each holds anything at all, (n,).
 * @returns Columns, NaN where a sample has no such content; none where no sample has.
 *
 * @example
 * ```ts
 * import { factColumns } from "./sample_facts.ts";
 * import assert from "node:assert/strict";
 *
 * const { text_length } = factColumns([{ text_length: 4 }, {}], [true, true]);
 * assert.deepEqual(text_length, Float32Array.of(4, NaN));
 * ```
 */
export function factColumns(
  samples: readonly SampleFacts[],
  hasContent: readonly boolean[],
): ContentFacts {
  const columns: Partial<Record<ContentFact, Float32Array<ArrayBuffer>>> = {};
  samples.forEach((facts, row) => {
    for (const [name, value] of Object.entries(facts)) {
      const column = columns[name as ContentFact] ??= new Float32Array(
        samples.length,
      ).fill(NaN);
      column[row] = value;
    }
  });
  const missing = columns.features_missing_share;
  missing?.forEach((share, row) => {
    if (Number.isNaN(share) && !hasContent[row]) missing[row] = 1;
  });
  return columns;
}
