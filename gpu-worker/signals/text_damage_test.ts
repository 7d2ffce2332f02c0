import assert from "node:assert/strict";
import { nDamaged } from "./text_damage.ts";

function count(text: string): number {
  return nDamaged(Array.from(text, (c) => c.codePointAt(0)!));
}

Deno.test("nDamaged() takes correct text for correct, whatever follows its letters", () => {
  for (
    const text of [
      "Un “café” noir",
      "¿Qué…?",
      "«CAFÉ»",
      "«CAFÉ», «THÉ», «BÉBÉ»",
      "Das Maß“",
      "« CAFÉ\u00a0» et «\u00a0café\u00a0»",
      "CAFÉ® und Å²",
      "LUKÁŠ MATÚŠ, KŘÍŽ",
      "„Víš…“ – „Ježíš“, řekl",
      "MAÇÃ – PÃO",
      "É–É–É—Ü",
    ]
  ) assert.equal(count(text), 0, text);
});

Deno.test("nDamaged() finds a single mark, and those that look correct beside another", () => {
  for (
    const [text, damaged] of [
      ["cafÃ©", 2],
      ["itâ€™s", 3],
      ["Ãœber", 2],
      ["Ã„rzte", 2],
      ["ðŸŽ‰ hurray", 4],
      ["voilÃ\u00a0 lÃ\u00a0", 4],
      ["Ð–Ð¸Ð·Ð½Ñ\u0081", 10],
      ["â€\ufffd", 3],
    ] as const
  ) assert.equal(count(text), damaged, text);
});
