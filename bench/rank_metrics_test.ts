import assert from "node:assert/strict";
import { auroc, ranksOf, spearman } from "./rank_metrics.ts";

Deno.test("ranksOf() shares ranks of equal values, NaN lowest", () => {
  assert.deepEqual([...ranksOf([3, NaN, 5, 3])], [2.5, 1, 4, 2.5]);
  assert.deepEqual([...ranksOf([NaN, 0, NaN])], [1.5, 3, 1.5]);
});

Deno.test("auroc() counts pairs, ties half", () => {
  assert.equal(auroc([1, 2, 2, 3], [0, 1, 0, 1]), 3.5 / 4);
  assert.equal(auroc([1, 2], [1, 0]), 0);
});

Deno.test("spearman() is 1 for any growing function, NaN for a constant", () => {
  assert.equal(spearman([1, 2, 3, 9], [0, 1, 8, 9]), 1);
  assert.equal(spearman([1, 2, 3], [3, 2, 1]), -1);
  assert.ok(Number.isNaN(spearman([1, 1], [1, 2])));
});
