import assert from "node:assert/strict";
import { auroc, averagePrecision, realDuplicates } from "./grade.ts";

Deno.test("averagePrecision() is the mean of the precision at each positive", () => {
  assert.equal(averagePrecision([4, 3, 2, 1], Uint8Array.of(1, 0, 0, 1)), 0.75);
});

Deno.test("auroc() counts ties half", () => {
  assert.equal(auroc([2, 3], [1, 2]), 0.875);
});

Deno.test("realDuplicates() finds mails with almost the same words, and no others", () => {
  const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
  const mail = (text: string) => ({
    id: text,
    group: "spam-1",
    truth: 1 as const,
    text,
  });
  const copy = [...words.slice(0, 39), "other"].join(", ").toUpperCase();
  const half = [
    ...words.slice(0, 20),
    ...words.slice(0, 20).map((w) => `x${w}`),
  ];
  assert.deepEqual(
    realDuplicates([
      mail(words.join(" ")),
      mail(copy),
      mail(half.join(" ")),
      mail(""),
    ]),
    [true, true, false, false],
  );
});
