import { minHash } from "../kernels/min_hash.ts";

/** Places of a text signature: standard error of the similarity at most .06. */
export const SIGNATURE_LENGTH = 64;

/** Words of one shingle. */
const SHINGLE_WORDS = 3;
const WORD_REGEXP = /[\p{L}\p{N}]+/gu;

/**
 * MinHash signature of a text's shingles of three words: texts that say almost
 * the same have almost the same signature, whatever their case, punctuation
 * and spacing.
 *
 * A text of fewer words is one shingle; one without words gives 0xffffffff
 * throughout, which resembles nothing. O(words * 64); 256 bytes.
 *
 * @param text The text.
 * @param signature Where to write, (64,); default a new array.
 * @returns `signature`.
 *
 * @example
 * ```ts
 * import { textSignature } from "./text_signature.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(textSignature("Hello,  dear friend"), textSignature("hello dear FRIEND!"));
 * ```
 */
export function textSignature(
  text: string,
  signature: Uint32Array = new Uint32Array(SIGNATURE_LENGTH),
): Uint32Array {
  const words = text.toLowerCase().match(WORD_REGEXP) ?? [];
  const wordHashes = Uint32Array.from(words, hashString);
  const width = Math.min(SHINGLE_WORDS, words.length);
  const nShingles = words.length === 0 ? 0 : words.length - width + 1;
  const shingles = new Uint32Array(nShingles);
  for (let i = 0; i < nShingles; i++) {
    let hash = width;
    for (let j = i; j < i + width; j++) {
      hash = Math.imul(hash ^ wordHashes[j]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    shingles[i] = hash;
  }
  return minHash(shingles, signature);
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashString(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) {
    hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
