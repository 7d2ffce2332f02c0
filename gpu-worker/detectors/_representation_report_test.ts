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

Deno.test("representationReport() sees small classes, and says nothing of a class with a single point", async () => {
  const normal = seededNormal(9);
  const K = 600; // of five samples each, but the last of one
  const labels = Int32Array.from(
    { length: 5 * (K - 1) + 1 },
    (_, i) => Math.floor(i / 5),
  );
  const data = Float32Array.from(
    { length: labels.length * 12 },
    (_, j) => {
      const label = labels[Math.floor(j / 12)]!;
      return ((label >> (j % 12)) & 1) * 8 + 0.1 * normal();
    },
  );
  const points = { data, rows: labels.length, cols: 12 };
  const neighbours = await knnGraph({
    queries: points,
    base: points,
    selfOffset: 0,
    k: 4,
    metric: "cosine",
  });
  const { classes, silhouette } = (await representationReport({
    source: "view",
    points,
    neighbours,
    labels,
    labelNames: Array.from({ length: K }, (_, k) => `class ${k}`),
  }))!;
  assert.ok(silhouette! > 0.9, `${silhouette}`);
  assert.ok(classes[3]!.silhouette! > 0.9);
  assert.equal(classes[K - 1]!.silhouette, null);
  assert.equal(classes[K - 1]!.probe_accuracy, null);
});

Deno.test("representationReport() leaves out points that are too long for float32, or not finite", async () => {
  const given = await inputs();
  const { data } = given.points;
  const usual = (await representationReport(given))!;
  data[3] = 3e38;
  data[7] = -1e20;
  data[11] = Infinity; // its first column is a number
  const report = (await representationReport(given))!;
  const off = Math.abs(report.probe_accuracy! - usual.probe_accuracy!);
  assert.ok(off < 0.05, `${report.probe_accuracy}`);
  assert.ok(report.effective_rank! > 1 && report.effective_rank! < 2.5);
  for (const { separability } of report.classes) {
    assert.ok(separability === null || Number.isFinite(separability));
  }
});
