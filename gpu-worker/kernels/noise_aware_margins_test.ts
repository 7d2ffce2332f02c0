import assert from "node:assert/strict";
import { noiseAwareMargins } from "./noise_aware_margins.ts";

const predProbs = {
  data: Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125),
  rows: 2,
  cols: 3,
};
const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`);

Deno.test("noiseAwareMargins() without a joint is the log-odds margin", () => {
  const margins = noiseAwareMargins(predProbs, Int32Array.of(0, 0));
  near(margins[0]!, Math.log(2));
  near(margins[1]!, -Math.log(6));
});

Deno.test("noiseAwareMargins() is lower where the noise explains the given label", () => {
  // by given and true: half of what is truly 1 was given label 0
  const joint = Float64Array.of(10, 5, 0, 0, 5, 0, 0, 0, 10);
  const labels = Int32Array.of(0, 0);
  const margins = noiseAwareMargins(predProbs, labels, joint);
  const t = (share: number) => Math.log(share / 2 + 0.5 / 3) / 4;
  near(margins[1]!, Math.log(0.125) + t(1) - (Math.log(0.75) + t(0.5)));
  const plain = noiseAwareMargins(predProbs, Int32Array.of(1, 1));
  assert.ok(margins[0]! < Math.log(2) + t(1) - t(0) && plain[1]! > 0);
});

Deno.test("noiseAwareMargins() is NaN where unlabelled or NaN, and 0 with one class", () => {
  const withNaN = { data: Float32Array.of(NaN, 0.5, 1, 0), rows: 2, cols: 2 };
  assert.deepEqual(
    [...noiseAwareMargins(withNaN, Int32Array.of(0, -1))],
    [NaN, NaN],
  );
  const one = { data: Float32Array.of(1), rows: 1, cols: 1 };
  assert.equal(noiseAwareMargins(one, Int32Array.of(0))[0], 0);
});

Deno.test("noiseAwareMargins() stays finite at probability 0", () => {
  const sure = { data: Float32Array.of(0, 1), rows: 1, cols: 2 };
  assert.ok(Number.isFinite(noiseAwareMargins(sure, Int32Array.of(0))[0]));
});
