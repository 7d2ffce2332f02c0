import assert from "node:assert/strict";
import { knnGraph } from "../graphs/knn_graph.ts";
import { seededNormal } from "@shared/statistics/seeded_normal.ts";
import { representationReport } from "./_representation_report.ts";

/** Three classes around centres, the first two close to each other; the last row is unlabelled, the one before has no point. */
async function inputs(n = 240) {
  const normal = seededNormal(6);
  const centres = [[0, 0, 0], [1.5, 0, 0], [0, 12, 0]];
  const labels = Int32Array.from({ length: n }, (_, i) => i % 3);
  const data = Float32Array.from(
    { length: n * 3 },
    (_, j) => 20 + centres[labels[Math.floor(j / 3)]!]![j % 3]! + normal(),
  );
  labels[n - 1] = -1;
  data.fill(NaN, (n - 2) * 3, (n - 1) * 3);
  const points = { data, rows: n, cols: 3 };
  const neighbours = await knnGraph({
    queries: points,
    base: points,
    selfOffset: 0,
    k: 10,
    metric: "cosine",
  });
  const labelNames = ["a", "b", "c"];
  return {
    source: "embedding" as const,
    points,
    neighbours,
    labels,
    labelNames,
  };
}

Deno.test("representationReport() tells which classes lie apart", async () => {
  const given = await inputs();
  const report = (await representationReport(given))!;
  const [a, b, c] = report.classes;
  assert.deepEqual([a!.nearest_label, b!.nearest_label], ["b", "a"]);
  // |1.5|^2 / (3 + 3), and about 12^2 / 6
  assert.ok(Math.abs(a!.separability! - 2.25 / 6) < 0.15);
  assert.ok(c!.separability! > 15);
  for (
    const better of [
      "neighbour_purity",
      "silhouette",
      "probe_accuracy",
    ] as const
  ) {
    assert.ok(c![better]! > a![better]! + 0.1, better);
  }
  assert.equal(report.width, 3);
  assert.ok(report.effective_rank! > 1 && report.effective_rank! < 2.5);
});

Deno.test("representationReport() is the mean of its classes, each sample once", async () => {
  const given = await inputs();
  const report = (await representationReport(given))!;
  const { neighbours, labels } = given;
  let [sum, n] = [0, 0];
  labels.forEach((y, i) => {
    const others = Array.from(
      neighbours.neighbours.subarray(10 * i, 10 * i + 10),
    )
      .filter((j) => j >= 0 && labels[j]! >= 0);
    if (y < 0 || others.length === 0) return;
    sum += others.filter((j) => labels[j] === y).length / others.length;
    n++;
  });
  assert.ok(Math.abs(report.neighbour_purity! - sum / n) < 1e-12);
});

Deno.test("representationReport() has nothing to tell of one class", async () => {
  const given = await inputs(30);
  const labels = given.labels.map((y) => y === 1 ? 1 : -1);
  assert.equal(await representationReport({ ...given, labels }), null);
});
