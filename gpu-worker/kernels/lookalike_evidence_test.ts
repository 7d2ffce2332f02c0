import assert from "node:assert/strict";
import { logOddsMargins } from "./log_odds_margins.ts";
import { lookalikeEvidence } from "./lookalike_evidence.ts";
import { seededRandom } from "./seeded_random.ts";

/** Probabilities of `k` classes in some order, and labels drawn by `weight` of each but the most probable, a share of them anywhere, or right ones. */
function contradicted(
  n: number,
  k: number,
  weight: (p: number) => number,
  anywhere = 0,
) {
  const random = seededRandom(1);
  const data = new Float32Array(n * k);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * k, (i + 1) * k);
    for (let c = 0; c < k; c++) row[c] = Math.exp(12 * random());
    row[Math.floor(random() * k)]! *= 400;
    const sum = row.reduce((a, b) => a + b);
    for (let c = 0; c < k; c++) row[c]! /= sum;
    const top = row.indexOf(Math.max(...row));
    const isAnywhere = random() < anywhere;
    const weights = [...row].map((p, c) =>
      c === top ? 0 : isAnywhere ? 1 : weight(p)
    );
    let at = random() * weights.reduce((a, b) => a + b);
    labels[i] = weights.findIndex((w) => (at -= w) < 0);
    if (labels[i]! < 0 || i % 3 === 0) labels[i] = top;
  }
  return { probs: { data, rows: n, cols: k }, labels };
}

function evidenceOf({ probs, labels }: ReturnType<typeof contradicted>) {
  return lookalikeEvidence(probs, labels, logOddsMargins(probs, labels));
}

Deno.test("lookalikeEvidence() tells labels that follow the model's order from those of which some are anywhere, calibrated or not", () => {
  for (const k of [4, 40]) {
    for (const c of [0.7, 1, 1.5]) {
      assert.ok(evidenceOf(contradicted(3000, k, (p) => p ** c)) > 5, `${k}`);
      const some = contradicted(3000, k, (p) => p ** c, 0.3);
      assert.ok(evidenceOf(some) < -5, `${k}`);
    }
    assert.ok(evidenceOf(contradicted(3000, k, () => 1)) < 1, `${k}`);
  }
});

Deno.test("lookalikeEvidence() is the logarithm of the likelihood ratio, each with the best exponent", () => {
  const { probs, labels } = contradicted(60, 5, (p) => p);
  const { data, rows, cols } = probs;
  const best = (anywhere: number) => {
    let most = -Infinity;
    for (let step = 1; step <= 400; step++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        const row = [...data.subarray(i * cols, (i + 1) * cols)];
        const top = row.indexOf(Math.max(...row));
        if (labels[i] === top) continue;
        const powers = row.map((p, k) => k === top ? 0 : p ** (step / 200));
        const all = powers.reduce((a, b) => a + b);
        const ordered = powers[labels[i]!]! / all;
        sum += Math.log((1 - anywhere) * ordered + anywhere / (cols - 1));
      }
      most = Math.max(most, sum);
    }
    return most;
  };
  const found = evidenceOf({ probs, labels });
  assert.ok(Math.abs(found - (best(0.0005) - best(0.05))) < 0.01);
});

Deno.test("lookalikeEvidence() of two classes, of labels that nothing contradicts, and of none, is 0", () => {
  assert.ok(Math.abs(evidenceOf(contradicted(500, 2, () => 1))) < 1e-9);
  const { probs } = contradicted(10, 3, () => 1);
  const right = Int32Array.from(
    { length: 10 },
    (_, i) => {
      const row = probs.data.subarray(3 * i, 3 * i + 3);
      return row.indexOf(Math.max(...row));
    },
  );
  assert.equal(evidenceOf({ probs, labels: right }), 0);
  assert.equal(evidenceOf(contradicted(0, 3, () => 1)), 0);
});

Deno.test("lookalikeEvidence() looks at every so many where many labels contradict, and leaves out what is unknown", () => {
  const many = contradicted(20_000, 6, (p) => p);
  for (let i = 0; i < 1000; i++) many.labels[i] = -1;
  many.probs.data.fill(NaN, 6 * 1000, 6 * 2000);
  const { margins } = logOddsMargins(many.probs, many.labels);
  const against = [...margins.keys()].filter((i) => margins[i]! < 0);
  const rows = against.filter((_, j) => j % 6 === 0);
  assert.ok(against.length > 8000 && against.length <= 12_000);
  const some = {
    probs: {
      data: Float32Array.from(
        rows.flatMap((i) => [...many.probs.data.subarray(6 * i, 6 * i + 6)]),
      ),
      rows: rows.length,
      cols: 6,
    },
    labels: Int32Array.from(rows, (i) => many.labels[i]!),
  };
  assert.equal(evidenceOf(many), evidenceOf(some));
});
