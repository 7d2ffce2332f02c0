import assert from "node:assert/strict";
import { calibrationBins } from "./calibration_bins.ts";

Deno.test("calibrationBins() are of equal mass, by rising confidence, and leave out what is unknown", () => {
  const confidence = Float64Array.of(0.9, 0.2, NaN, 0.8, 0.4, 0.3);
  const isRight = [1, 0, 1, 0, 0, 1];
  const { error, bins } = calibrationBins(confidence, isRight, 2);
  // sorted: .2 wrong, .3 right | .4 wrong, .8 wrong, .9 right
  assert.deepEqual(bins.map(({ n, nRight }) => [n, nRight]), [[3, 1], [2, 1]]);
  const [low, high] = [(0.2 + 0.3 + 0.4) / 3, 0.85];
  assert.ok(Math.abs(bins[0]!.confidence - low) < 1e-12);
  const expected = (3 * Math.abs(low - 1 / 3) + 2 * Math.abs(high - 0.5)) / 5;
  assert.ok(Math.abs(error - expected) < 1e-12);
});

Deno.test("calibrationBins() of no sample say nothing", () => {
  assert.deepEqual(calibrationBins(Float64Array.of(NaN), [1]), {
    error: NaN,
    bins: [],
  });
});
