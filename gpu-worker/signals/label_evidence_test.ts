import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { labelEvidence } from "./label_evidence.ts";

const matrix = (rows: number[][]): Matrix => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  cols: rows[0]?.length ?? 2,
});
const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-6, `${a} instead of ${b}`);

Deno.test("labelEvidence() follows its formula", () => {
  const evidence = labelEvidence(
    Int32Array.of(0),
    matrix([[0.5, 0.25, 0.25]]),
    Float64Array.of(0.125),
    matrix([[0.25, 0.125, 0.625]]),
  );
  const g = (p: number, q: number) =>
    (Math.log(p + 1e-3) + Math.log(q + 1e-3)) / 2;
  const own = g(0.5, 0.25);
  const support = 0.125 + (0.25 - 0.625) / 2 +
    0.3 * (own - g(0.25, 0.625) + own);
  near(evidence.support[0]!, support);
  near(evidence.logOdds[0]!, -1.32 - 1.65 * support);
  near(evidence.probability[0]!, 1 / (1 + Math.exp(1.32 + 1.65 * support)));
  assert.deepEqual(evidence.rival, Int32Array.of(2));
});

Deno.test("labelEvidence() takes own probabilities where there are no neighbours", () => {
  const probs = matrix([[0.75, 0.25], [0.75, 0.25]]);
  const labels = Int32Array.of(0, 1);
  const margins = Float64Array.of(0.5, -0.5);
  const without = labelEvidence(labels, probs, margins, null);
  const empty = labelEvidence(
    labels,
    probs,
    margins,
    matrix([[NaN, NaN], [NaN, NaN]]),
  );
  assert.deepEqual(empty, without);
  assert.ok(without.logOdds[1]! > without.logOdds[0]!);
});

Deno.test("labelEvidence() proposes a label for unlabelled samples and says nothing of unmet ones", () => {
  const evidence = labelEvidence(
    Int32Array.of(-1, 0),
    matrix([[0.25, 0.75], [NaN, NaN]]),
    Float64Array.of(NaN, NaN),
    null,
  );
  assert.deepEqual(evidence.rival, Int32Array.of(1, -1));
  assert.deepEqual([...evidence.support], [NaN, NaN]);
  assert.equal(evidence.noiseRate, null);
});

Deno.test("labelEvidence() gives no rate where the evidence is too soft, and none of one class", () => {
  const torn = labelEvidence(
    Int32Array.of(0, 1),
    matrix([[0.5, 0.5], [0.5, 0.5]]),
    Float64Array.of(0, 0),
    null,
  );
  assert.equal(torn.noiseRate, null);
  const one = labelEvidence(
    Int32Array.of(0),
    matrix([[1]]),
    Float64Array.of(1),
    null,
  );
  assert.deepEqual(one.rival, Int32Array.of(-1));
  assert.ok(one.probability[0]! < 0.2);
  assert.equal(one.noiseRate, null);
});
