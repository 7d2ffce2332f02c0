import assert from "node:assert/strict";
import { knnGraph } from "../graphs/knn_graph.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { aleatoricOf, votingWorth } from "./_sample_values.ts";

Deno.test("aleatoricOf() is the mean of P (1 - P) over epochs", () => {
  const probs = [0.9, 0.4, 0.7];
  const mean = probs.reduce((a, b) => a + b) / 3;
  const deviation = Math.sqrt(
    probs.reduce((sum, p) => sum + (p - mean) ** 2, 0) / 3,
  );
  const none = Int32Array.of(0, 0);
  const found = aleatoricOf({
    confidence: Float64Array.of(mean, NaN),
    variability: Float64Array.of(deviation, NaN),
    forgettingEvents: none,
    firstLearnedEpoch: none,
    epochsSeen: none,
  });
  const expected = probs.reduce((sum, p) => sum + p * (1 - p), 0) / 3;
  assert.ok(Math.abs(found[0]! - expected) < 1e-6);
  assert.ok(Number.isNaN(found[1]!));
});

Deno.test("votingWorth() is below 0 for labels that mislead their neighbours, and sums to the votes that are right where all neighbours are listed", async () => {
  const normal = seededNormal(9);
  const n = 120;
  const data = Float32Array.from(
    { length: n * 3 },
    (_, at) =>
      normal() + (Math.floor(at / 3) % 2 ? 5 : -5) * (at % 3 === 0 ? 1 : 0),
  );
  const points = { data, rows: n, cols: 3 };
  const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
  labels[0] = 1; // wrong
  labels[7] = -1;
  const graph = await knnGraph({
    queries: points,
    base: points,
    selfOffset: 0,
    k: n - 1,
    metric: "cosine",
  });
  const worth = votingWorth(labels, graph);
  assert.ok(worth[0]! < 0);
  assert.equal(worth[7], 0);
  const right = [...worth].filter((_, i) => i !== 0 && i !== 7);
  assert.ok(right.reduce((a, b) => a + b) / right.length > 0.5);
  const total = worth.reduce((a, b) => a + b);
  let expected = 0;
  for (let i = 0; i < n; i++) { // share of the ten nearest labelled that agree
    if (labels[i]! < 0) continue;
    const near = [...graph.neighbours.subarray(i * graph.k, (i + 1) * graph.k)]
      .filter((j) => labels[j]! >= 0).slice(0, 10);
    expected += near.filter((j) => labels[j] === labels[i]).length / 10;
  }
  assert.ok(Math.abs(total - expected) < 1e-3, `${total} ${expected}`);
  assert.ok(votingWorth(labels, null).every(Number.isNaN));
});
