import { wordsOf } from "./data.ts";

/** A sparse vector: which hashed words a text has, and how much of each. */
export interface SparseVector {
  /** Places, each once. */
  readonly indices: Uint32Array;
  /** Counts, scaled to length 1. */
  readonly values: Float32Array;
}

/** Places that words are hashed to. */
export const N_FEATURES = 1 << 15;

/** Enough to tell spam from ham, not enough to memorise a mail at once. */
const MOST_WORDS = 200;

/** Hashed 1-grams of a text's first 200 words. */
export function hashedWords(text: string): SparseVector {
  const counts = new Map<number, number>();
  for (const word of wordsOf(text).slice(0, MOST_WORDS)) {
    const place = hash(word) % N_FEATURES;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const values = Float32Array.from(counts.values());
  const length = Math.hypot(...values) || 1;
  return {
    indices: Uint32Array.from(counts.keys()),
    values: values.map((v) => v / length),
  };
}

/** FNV-1a with a final mix. */
function hash(word: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) {
    h = Math.imul(h ^ word.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
