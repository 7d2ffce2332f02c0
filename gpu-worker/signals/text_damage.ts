/** What the bytes 0x80 to 0x9f stand for in windows-1252. */
const CP1252 = pointsOf("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ");
/** Of what can stand for a byte, what follows a letter in correct text, too: punctuation... */
const PUNCTUATION = pointsOf("\u00a0‘’“”‹›«»…–—");
/** ...and, after all but Â and Ã, letters and signs. */
const LETTERS_AND_SIGNS = pointsOf("ŠšŽžŒœŸƒ®™©¹²³");

/**
 * Damaged characters of a text: U+FFFD, control characters, and the marks of
 * UTF-8 that was read as Latin-1 or windows-1252 (such as `Ã©` for `é`).
 *
 * A mark is a character that stands for a leading byte, followed by as many as
 * it asks for that stand for bytes within a character. Those that may follow a
 * letter in correct text, too (`É»`, `íš…`), count only beside a mark that
 * cannot; behind `Â` and `Ã` beside any other of these two. O(n).
 *
 * Source: ours; RFC 3629 for the bytes.
 *
 * @param points Code points, (n,).
 * @returns How many of them are damaged.
 *
 * @example
 * ```ts
 * import { nDamaged } from "./text_damage.ts";
 * import assert from "node:assert/strict";
 *
 * const count = (text: string) => nDamaged(Array.from(text, (c) => c.codePointAt(0)!));
 * assert.deepEqual(["cafÃ©", "«CAFÉ»", "itâ€™s"].map(count), [2, 0, 3]);
 * ```
 */
export function nDamaged(points: readonly number[]): number {
  // characters that are damage beyond doubt, that may be behind Â and Ã, and behind others
  let [sure, marks, behindLatin, latinMarks, behindOther] = [0, 0, 0, 0, 0];
  for (let i = 0; i < points.length; i++) {
    const lead = points[i]!;
    const need = nWithin(lead);
    const within = points.slice(i + 1, i + 1 + need);
    if (need === 0 || within.length < need || !within.every(isWithin)) {
      if (isDamage(lead)) sure++;
      continue;
    }
    i += need;
    const isLatin = lead <= 0xc3;
    if (within.some((point) => !isUsualBehind(point, isLatin))) {
      sure += 1 + need;
      marks++;
    } else if (isLatin) {
      behindLatin += 1 + need;
      latinMarks++;
    } else behindOther += 1 + need;
  }
  if (marks > 0) return sure + behindLatin + behindOther;
  return latinMarks > 1 ? sure + behindLatin : sure;
}

/** Bytes that follow the leading one that a character can stand for; 0 for no such. */
function nWithin(point: number): number {
  if (!isBetween(point, 0xc2, 0xf4)) return 0;
  return point < 0xe0 ? 1 : point < 0xf0 ? 2 : 3;
}

/** Whether a character can stand for a byte 0x80 to 0xbf. */
function isWithin(point: number): boolean {
  return isBetween(point, 0x80, 0xbf) || point === 0xfffd || CP1252.has(point);
}

function isUsualBehind(point: number, isLatin: boolean): boolean {
  return PUNCTUATION.has(point) || (!isLatin && LETTERS_AND_SIGNS.has(point));
}

function isDamage(point: number): boolean {
  return point === 0xfffd || (point < 0x20 && (point < 9 || point > 13)) ||
    isBetween(point, 0x7f, 0x9f);
}

function isBetween(x: number, least: number, most: number): boolean {
  return x >= least && x <= most;
}

function pointsOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (c) => c.codePointAt(0)!));
}
