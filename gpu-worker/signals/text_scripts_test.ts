import assert from "node:assert/strict";
import { scriptOf, TEXT_SCRIPTS } from "./text_scripts.ts";

Deno.test("scriptOf() is Unicode's own script property for letters of every script that is named", () => {
  const properties: Record<string, RegExp> = {
    Latin: /\p{Script=Latin}/u,
    Cyrillic: /\p{Script=Cyrillic}/u,
    Greek: /\p{Script=Greek}/u,
    Hebrew: /\p{Script=Hebrew}/u,
    Arabic: /\p{Script=Arabic}/u,
    Devanagari: /\p{Script=Devanagari}/u,
    Thai: /\p{Script=Thai}/u,
    Chinese: /\p{Script=Han}/u,
    "Japanese kana": /\p{Script=Hiragana}|\p{Script=Katakana}/u,
    Korean: /\p{Script=Hangul}/u,
  };
  for (
    const letter of "aZéßøŁżпрЖієαΩאבعربिकกไ中文字あカ한글".match(/\p{L}/gu)!
  ) {
    const name = TEXT_SCRIPTS[scriptOf(letter.codePointAt(0)!)]!;
    assert.ok(properties[name]?.test(letter), `${letter} ${name}`);
  }
  for (const letter of "აԲა") {
    assert.equal(TEXT_SCRIPTS[scriptOf(letter.codePointAt(0)!)], "other");
  }
});
