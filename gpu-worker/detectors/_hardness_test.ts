import assert from "node:assert/strict";
import { hardness } from "./_hardness.ts";

const PROBS = {
  data: Float32Array.of(0.5, 0.5, NaN, NaN, 0.25, 0.75),
  rows: 3,
  cols: 2,
};
const LABELS = Int32Array.of(0, 1, 0);

Deno.test("hardness() is what run and probe doubt in the mean, as far as the probe counts", () => {
  const at = (weight: number) => [
    ...hardness(Float64Array.of(1, 0.75, 0.75), LABELS, PROBS, weight),
  ];
  assert.deepEqual(at(0), [0, 0.25, 0.25]);
  assert.deepEqual(at(1), [0.25, 0.25, 0.5]);
  assert.deepEqual(at(0.5), [0.125, 0.25, 0.375]);
});

Deno.test("hardness() of unlabelled samples, and of those the run never met, is unknown", () => {
  const found = hardness(
    Float64Array.of(NaN, 0.5),
    Int32Array.of(0, -1),
    { ...PROBS, rows: 2 },
    1,
  );
  assert.deepEqual([...found], [NaN, 0.5]);
  assert.deepEqual([...hardness(Float64Array.of(0.5), LABELS, null, 1)], [0.5]);
});
