import { nDamaged } from "./text_damage.ts";
import { languageOf } from "./text_languages.ts";
import { scriptOf, TEXT_SCRIPTS } from "./text_scripts.ts";

/** What can be measured of one text; shares in [0, 1], NaN where it does not say. */
export interface TextFacts {
  /** Code points, without white space at the ends. */
  readonly length: number;
  /** Share of them that are damaged; see {@linkcode textFacts}. */
  readonly damagedShare: number;
  /** Share of those that are no white space that are letters. */
  readonly letterShare: number;
  /** Share of words that are its most frequent word; 0 for fewer than 5 words. */
  readonly repeatedShare: number;
  /** Script of most letters, index into `TEXT_SCRIPTS`. */
  readonly script: number;
  /** Language, index into `TEXT_LANGUAGES`. */
  readonly language: number;
}

/** Of a text no more is looked at. */
const MOST_LENGTH = 10_000;
const MOST_WORDS = 500;
/** Fewer words do not repeat themselves. */
const LEAST_WORDS = 5;
const LETTER_REGEXP = /\p{L}/u;
const WORD_REGEXP = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * Length, damage, letters, repetition, script and language of a text: of its
 * first 10,000 UTF-16 units and 500 words, but for the length.
 *
 * Damaged is what {@linkcode nDamaged} counts: U+FFFD, control characters, and
 * the marks of UTF-8 that was read in another encoding (such as `Ã©` for `é`).
 *
 * @param text Any text.
 * @returns What was measured.
 *
 * @example
 * ```ts
 * import { textFacts } from "./text_facts.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(textFacts("cafÃ©").damagedShare, 2 / 5);
 * assert.equal(textFacts("no no no no no").repeatedShare, 1);
 * ```
 */
export function textFacts(text: string): TextFacts {
  const trimmed = text.trim();
  const start = trimmed.slice(0, MOST_LENGTH);
  let [nVisible, nLetters] = [0, 0];
  const scripts = new Uint32Array(TEXT_SCRIPTS.length);
  const points: number[] = [];
  for (const character of start) {
    const point = character.codePointAt(0)!;
    points.push(point);
    if (point === 0x20 || (point >= 9 && point <= 13)) continue;
    nVisible++;
    if (!isLetter(character, point)) continue;
    nLetters++;
    scripts[scriptOf(point)]!++;
  }
  const words = (start.toLowerCase().match(WORD_REGEXP) ?? [])
    .slice(0, MOST_WORDS);
  return {
    length: points.length + nPointsFrom(trimmed, MOST_LENGTH),
    damagedShare: nDamaged(points) / points.length, // 0 / 0 is NaN
    letterShare: nVisible === 0 ? NaN : nLetters / nVisible,
    repeatedShare: repeatedShare(words),
    script: nLetters === 0 ? NaN : scripts.indexOf(Math.max(...scripts)),
    language: languageOf(words),
  };
}

function isLetter(character: string, point: number): boolean {
  if (point < 0x80) return (point | 0x20) >= 0x61 && (point | 0x20) <= 0x7a;
  return LETTER_REGEXP.test(character);
}

/** Code points that begin at a place or behind it; a pair that is cut there began before. */
function nPointsFrom(text: string, place: number): number {
  let n = 0;
  for (let i = place; i < text.length; i++) {
    const isSecond = (text.charCodeAt(i) & 0xfc00) === 0xdc00 &&
      (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    if (!isSecond) n++;
  }
  return n;
}

function repeatedShare(words: readonly string[]): number {
  if (words.length < LEAST_WORDS) return 0;
  const counts = new Map<string, number>();
  let most = 0;
  for (const word of words) {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    most = Math.max(most, count);
  }
  return most / words.length;
}
