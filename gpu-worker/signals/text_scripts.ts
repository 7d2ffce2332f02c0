/** Names of scripts; `text_script` is an index into them. The last one stands for all others. */
export const TEXT_SCRIPTS = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Hebrew",
  "Arabic",
  "Devanagari",
  "Thai",
  "Chinese",
  "Japanese kana",
  "Korean",
  "other",
] as const;

/** First and last code point of blocks, and the script most of their letters are of. */
const BLOCKS: readonly (readonly [from: number, to: number, script: number])[] =
  [
    [0x41, 0x24f, 0],
    [0x250, 0x2af, 0],
    [0x370, 0x3ff, 2],
    [0x400, 0x52f, 1],
    [0x590, 0x5ff, 3],
    [0x600, 0x6ff, 4],
    [0x750, 0x77f, 4],
    [0x900, 0x97f, 5],
    [0xe00, 0xe7f, 6],
    [0x1100, 0x11ff, 9],
    [0x1e00, 0x1eff, 0],
    [0x1f00, 0x1fff, 2],
    [0x3040, 0x30ff, 8],
    [0x3400, 0x9fff, 7],
    [0xac00, 0xd7a3, 9],
    [0xf900, 0xfaff, 7],
    [0x20000, 0x3134f, 7],
  ];

const OTHER = TEXT_SCRIPTS.length - 1;

/**
 * Script of a letter.
 *
 * @param codePoint Of a letter.
 * @returns Index into {@linkcode TEXT_SCRIPTS}.
 *
 * @example
 * ```ts
 * import { scriptOf, TEXT_SCRIPTS } from "./text_scripts.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(TEXT_SCRIPTS[scriptOf("ж".codePointAt(0)!)], "Cyrillic");
 * ```
 */
export function scriptOf(codePoint: number): number {
  for (const [from, to, script] of BLOCKS) {
    if (codePoint < from) return OTHER;
    if (codePoint <= to) return script;
  }
  return OTHER;
}
