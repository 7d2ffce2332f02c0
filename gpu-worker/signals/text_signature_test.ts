import assert from "node:assert/strict";
import { SIGNATURE_LENGTH, textSignature } from "./text_signature.ts";

const equalShare = (a: string, b: string) => {
  const [x, y] = [textSignature(a), textSignature(b)];
  return x.filter((h, j) => h === y[j]).length / SIGNATURE_LENGTH;
};
const long = Array.from({ length: 200 }, (_, i) => `word${i * 7919 % 1000}`)
  .join(" ");

Deno.test("textSignature() ignores case, punctuation and spacing", () => {
  assert.equal(equalShare("Buy now, dear FRIEND!", "buy  now dear\nfriend"), 1);
});

Deno.test("textSignature() estimates how much two texts have in common", () => {
  const changed = long.replace("word0 ", "other ");
  assert.ok(equalShare(long, changed) > 0.85);
  assert.ok(
    equalShare(long, long + " " + long.replaceAll("word", "noun")) < 0.75,
  );
  assert.equal(equalShare(long, long.replaceAll("word", "noun")), 0);
});

Deno.test("textSignature() knows short texts and other scripts, and nothing of an empty one", () => {
  assert.equal(equalShare("Danke", "danke."), 1);
  assert.equal(equalShare("Danke", "Bitte"), 0);
  assert.equal(equalShare("Привет, мир", "привет мир"), 1);
  assert.ok(textSignature(" ... ").every((h) => h === 0xffffffff));
});

Deno.test("textSignature() writes where it is told", () => {
  const place = new Uint32Array(SIGNATURE_LENGTH);
  assert.equal(textSignature("a b c", place), place);
  assert.deepEqual(place, textSignature("a b c"));
});
