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
/** What the bytes 0x80 to 0x9f stand for in windows-1252. */
const CP1252 = new Set(
  "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".split("").map((c) => c.charCodeAt(0)),
);

/**
 * Length, damage, letters, repetition, script and language of a text: of its
 * first 10,000 characters and 500 words, but for the length.
 *
 * Damaged are U+FFFD, control characters, and the marks of UTF-8 that was read
 * as Latin-1 or windows-1252 (such as `Ã©` for `é`): a character that stands
 * for a leading byte, followed by one that stands for a byte within a character.
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
  let [nPoints, nDamaged, nVisible, nLetters, isLead] = [0, 0, 0, 0, false];
  const scripts = new Uint32Array(TEXT_SCRIPTS.length);
  for (const character of start) {
    const point = character.codePointAt(0)!;
    nPoints++;
    if (isDamage(point)) nDamaged++;
    else if (isLead && isWithin(point)) nDamaged += 2;
    isLead = point >= 0xc2 && point <= 0xf4;
    if (point === 0x20 || (point >= 9 && point <= 13)) continue;
    nVisible++;
    if (!isLetter(character, point)) continue;
    nLetters++;
    scripts[scriptOf(point)]!++;
  }
  const words = (start.toLowerCase().match(WORD_REGEXP) ?? [])
    .slice(0, MOST_WORDS);
  return {
    length: trimmed.length <= MOST_LENGTH
      ? nPoints
      : nPoints + trimmed.length - MOST_LENGTH,
    damagedShare: nPoints === 0 ? NaN : nDamaged / nPoints,
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

function isDamage(point: number): boolean {
  return point === 0xfffd || (point < 0x20 && (point < 9 || point > 13)) ||
    (point >= 0x7f && point < 0xa0);
}

/** Whether a character can stand for a byte 0x80 to 0xbf. */
function isWithin(point: number): boolean {
  return (point >= 0xa0 && point <= 0xbf) || CP1252.has(point);
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
