import assert from "node:assert/strict";
import { textFacts } from "./text_facts.ts";
import { TEXT_LANGUAGES } from "./text_languages.ts";
import { TEXT_SCRIPTS } from "./text_scripts.ts";

/** UTF-8 read as Latin-1 or windows-1252: what a wrong import leaves. */
function misread(text: string, encoding: "latin1" | "windows-1252"): string {
  const bytes = new TextEncoder().encode(text);
  return encoding === "latin1"
    ? String.fromCharCode(...bytes)
    : new TextDecoder("windows-1252").decode(bytes);
}

Deno.test("textFacts() sees what was decoded twice, whatever the characters, and nothing in what was not", () => {
  for (
    const text of [
      "Ärger über Größe",
      "naïve café à Orléans",
      "жизнь и смерть",
      "it’s “fine” — really…",
    ]
  ) {
    assert.equal(textFacts(text).damagedShare, 0, text);
    for (const encoding of ["latin1", "windows-1252"] as const) {
      const { damagedShare } = textFacts(misread(text, encoding));
      assert.ok(damagedShare > 0.1, `${encoding} ${misread(text, encoding)}`);
    }
  }
});

Deno.test("textFacts() finds no damage in correct text with typographic quotes", () => {
  for (const text of ["Un “café” noir", "¿Qué…?", "«CAFÉ»", "Das Maß“"]) {
    assert.equal(textFacts(text).damagedShare, 0, text);
  }
  assert.equal(textFacts("itâ€™s").damagedShare, 3 / 6);
});

Deno.test("textFacts() counts replacement and control characters, but no line breaks and tabs", () => {
  assert.equal(textFacts("ab\ufffd\u0000\u0085c").damagedShare, 3 / 6);
  assert.equal(textFacts("a\tb\r\nc").damagedShare, 0);
});

Deno.test("textFacts() tells letters, script and language", () => {
  const english = textFacts(
    "Where is my card? I want to know about the fee 12.",
  );
  assert.equal(TEXT_SCRIPTS[english.script], "Latin");
  assert.equal(TEXT_LANGUAGES[english.language], "English");
  assert.ok(english.letterShare > 0.85 && english.letterShare < 1);
  assert.equal(TEXT_SCRIPTS[textFacts("где моя карта ok").script], "Cyrillic");
  const numbers = textFacts("12 34 / 56");
  assert.equal(numbers.letterShare, 0);
  assert.ok(Number.isNaN(numbers.script) && Number.isNaN(numbers.language));
});

Deno.test("textFacts() finds the most frequent word of texts with at least five", () => {
  assert.equal(textFacts("Buy buy BUY now, buy").repeatedShare, 4 / 5);
  assert.equal(textFacts("buy buy buy buy").repeatedShare, 0);
});

Deno.test("textFacts() of nothing has no length and no shares; a long text keeps its length", () => {
  const empty = textFacts(" \n ");
  assert.deepEqual(
    empty,
    {
      length: 0,
      damagedShare: NaN,
      letterShare: NaN,
      repeatedShare: 0,
      script: NaN,
      language: NaN,
    },
  );
  assert.equal(textFacts("a ".repeat(50_000)).length, 99_999);
  assert.equal(textFacts("𝄞🎉").length, 2);
  for (const text of ["🎉".repeat(9000), "a" + "🎉".repeat(9000)]) {
    assert.equal(textFacts(text).length, [...text].length);
  }
});
