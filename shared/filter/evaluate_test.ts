import assert from "node:assert/strict";
import { evaluateFilter, type FilterColumns } from "./evaluate.ts";
import type { SampleFilter } from "../types/filter.ts";

const columns: FilterColumns = {
  length: 3,
  ids: ["a", "b", "C1"],
  splits: ["training", "test", "test"],
  givenLabels: ["ham", null, "spam"],
  issueTypes: [[], ["hard"], ["hard", "mislabeled"]],
  scores: { hardness: Float32Array.of(0.3, NaN, 1) },
  verdicts: [null, "keep", "drop"],
  metadata: [{ n: 1 }, { n: "1" }, {}],
  texts: ["Buy", null, "ÜBER"],
  positions: Float32Array.of(0.5, 0.5, 2, 2, -1, 0.5),
  embeddings: Float32Array.of(1, 0, 1, 1, 0, 0),
};

function meant(filter: SampleFilter): string {
  return evaluateFilter(filter, columns).join("");
}

Deno.test("evaluateFilter() takes all without a condition, none with an empty list", () => {
  assert.equal(meant({}), "111");
  assert.equal(meant({ ids: [] }), "000");
});

Deno.test("evaluateFilter() asks for all conditions, and for one value of each", () => {
  assert.equal(meant({ splits: ["test"] }), "011");
  assert.equal(meant({ given_labels: ["ham", null] }), "110");
  assert.equal(meant({ splits: ["test"], given_labels: ["ham", null] }), "010");
  assert.equal(meant({ issue_types: ["mislabeled", "clean"] }), "101");
  assert.equal(meant({ verdicts: ["none", "drop"] }), "101");
});

Deno.test("evaluateFilter() compares scores as they are stored, and takes no missing one", () => {
  assert.equal(meant({ scores: { hardness: { max: 0.3 } } }), "100");
  assert.equal(meant({ scores: { hardness: { min: 0.3 } } }), "101");
  assert.equal(meant({ scores: { hardness: {} } }), "101");
});

Deno.test("evaluateFilter() tells the types of metadata apart", () => {
  assert.equal(meant({ metadata: { n: { in: [1] } } }), "100");
  assert.equal(meant({ metadata: { n: { in: ["1", null] } } }), "011");
  assert.equal(meant({ metadata: { n: { min: 0 } } }), "100");
  assert.equal(meant({ metadata: { toString: { in: [null] } } }), "111");
});

Deno.test("evaluateFilter() searches id and text, A to Z in either case", () => {
  assert.equal(meant({ text: "bUY" }), "100");
  assert.equal(meant({ text: "c1" }), "001");
  assert.equal(meant({ text: "über" }), "000");
  assert.equal(meant({ text: "Über" }), "001");
});

Deno.test("evaluateFilter() takes what lies within a lasso", () => {
  assert.equal(meant({ lasso: [[0, 0], [1, 0], [1, 1], [0, 1]] }), "100");
});

Deno.test("evaluateFilter() takes what is similar to a sample, and a zero vector never", () => {
  const near = (sample_id: string, min_similarity: number) =>
    meant({ similar_to: { split: "test", sample_id, min_similarity } });
  assert.equal(near("b", 0.7), "110");
  assert.equal(near("b", 0.75), "010");
  assert.equal(near("C1", -1), "000");
  assert.equal(near("none", -1), "000");
});

Deno.test("evaluateFilter() throws if a condition needs a column that is not given", () => {
  assert.throws(
    () => evaluateFilter({ text: "x" }, { length: 0 }),
    { name: "RangeError", message: /"ids"/ },
  );
});
