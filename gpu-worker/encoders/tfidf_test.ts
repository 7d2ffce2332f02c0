import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import type { SparseMatrix } from "./sparse_matrix.ts";
import { tfidf } from "./tfidf.ts";

/** Weights of each n-gram in each text, the obvious way; n-grams as strings. */
function slowTfidf(texts: readonly (string | null)[], minTexts: number) {
  const grams = texts.map((text) => {
    const words = text?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    const pairs = words.slice(1).map((word, i) => `${words[i]} ${word}`);
    return [...words, ...pairs];
  });
  const all = [...new Set(grams.flat())];
  const inTexts = new Map(
    all.map((gram) => [gram, grams.filter((g) => g.includes(gram)).length]),
  );
  return grams.map((own) => {
    const weights = [...new Set(own)]
      .filter((gram) => inTexts.get(gram)! >= minTexts)
      .map((gram) =>
        (1 + Math.log(own.filter((g) => g === gram).length)) *
        (Math.log((1 + texts.length) / (1 + inTexts.get(gram)!)) + 1)
      );
    const length = Math.hypot(...weights);
    return weights.map((w) => w / length).sort((a, b) => a - b);
  });
}

function rowValues({ starts, values }: SparseMatrix, row: number): number[] {
  return [...values.subarray(starts[row], starts[row + 1])]
    .sort((a, b) => a - b);
}

function randomTexts(n: number, seed: number): string[] {
  const random = seededRandom(seed);
  return Array.from(
    { length: n },
    () =>
      Array.from(
        { length: Math.floor(30 * random()) },
        () => `w${Math.floor(40 * random() ** 2)}`,
      ).join(" "),
  );
}

Deno.test("tfidf() gives the weights of the formula", () => {
  const matrix = tfidf(["a b", "a a"], { minTexts: 1 });
  assert.equal(matrix.cols, 4); // a, b, "a b", "a a"
  const [of1, of2] = [Math.log(3 / 2) + 1, 1];
  const length = Math.hypot(of1, of1, of2);
  const expected = [of2 / length, of1 / length, of1 / length];
  rowValues(matrix, 0).forEach((x, i) =>
    assert.ok(Math.abs(x - expected[i]!) < 1e-7)
  );
  const [twice, once] = [(1 + Math.log(2)) * of2, of1];
  assert.deepEqual(
    rowValues(matrix, 1),
    [twice, once].map((x) => Math.fround(x / Math.hypot(twice, once)))
      .sort((a, b) => a - b),
  );
});

Deno.test("tfidf() agrees with counting strings", () => {
  const texts = [...randomTexts(60, 1), null, "W1, w2! w1-w2"];
  const matrix = tfidf(texts);
  slowTfidf(texts, 3).forEach((expected, row) => {
    const found = rowValues(matrix, row);
    assert.equal(found.length, expected.length);
    found.forEach((x, i) => assert.ok(Math.abs(x - expected[i]!) < 1e-6));
  });
});

Deno.test("tfidf() puts the same n-gram into the same column", () => {
  const { starts, columns } = tfidf(["x y", "y x", "X-Y", "ｘ y"], {
    minTexts: 1,
  });
  const columnsOf = (row: number) =>
    new Set(columns.subarray(starts[row], starts[row + 1]));
  assert.deepEqual(columnsOf(0), columnsOf(2));
  assert.equal(columnsOf(0).intersection(columnsOf(1)).size, 2);
  assert.equal(columnsOf(0).intersection(columnsOf(3)).size, 1); // NFKC is the caller's
});

Deno.test("tfidf() knows words of all scripts and leaves out very long ones", () => {
  const words = ["Привет", "日本", "२३"];
  assert.equal(tfidf([words.join(" ")], { minTexts: 1 }).cols, 5);
  const long = "x".repeat(41);
  assert.equal(tfidf([`a ${long} b`], { minTexts: 1 }).cols, 3); // a, b, "a b"
});

Deno.test("tfidf() keeps the n-grams in the most texts", () => {
  const texts = ["a", "a", "a", "b", "b", "c", "d"];
  const at = (mostFeatures: number) =>
    tfidf(texts, { minTexts: 1, mostFeatures });
  assert.deepEqual(at(1).starts, Int32Array.of(0, 1, 2, 3, 3, 3, 3, 3));
  assert.deepEqual(at(2).starts, Int32Array.of(0, 1, 2, 3, 4, 5, 5, 5));
  assert.equal(at(3).columns.length, 6); // one of two ties
  assert.equal(at(9).columns.length, 7);
});

Deno.test("tfidf() gives no more values than it may", () => {
  const texts = ["a", "a", "a", "b", "b", "c", "d"];
  const at = (mostValues: number) =>
    tfidf(texts, { minTexts: 1, mostValues }).values.length;
  assert.deepEqual([2, 3, 4, 5, 6, 7].map(at), [0, 3, 3, 5, 6, 7]);
});

Deno.test("tfidf() takes no texts, empty texts, and texts without a word", () => {
  assert.deepEqual(tfidf([]).starts, Int32Array.of(0));
  const { cols, starts, values } = tfidf(["", null, " ?! ", "\ud800"]);
  assert.deepEqual([cols, starts.at(-1), values.length], [0, 0, 0]);
});

Deno.test("tfidf() is the same twice", () => {
  const texts = randomTexts(50, 4);
  assert.deepEqual(tfidf(texts), tfidf(texts));
});
