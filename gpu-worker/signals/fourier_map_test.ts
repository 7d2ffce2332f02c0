import assert from "node:assert/strict";
import type { CosineMap } from "../graphs/ridge_graphs.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { fourierMap } from "./fourier_map.ts";

function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  const normal = seededNormal(seed);
  const data = Float32Array.from({ length: rows * cols }, () => normal());
  return { data, rows, cols };
}

const all = ({ rows }: Matrix) =>
  Int32Array.from({ length: rows }, (_, i) => i);

function mapped(row: Float32Array, { weights, phases, scale }: CosineMap) {
  return Float64Array.from(phases, (phase, f) => {
    const angle = row.reduce(
      (sum, x, c) => sum + x * weights.data[c * weights.cols + f]!,
      phase,
    );
    return scale * Math.cos(angle);
  });
}

Deno.test("fourierMap() gives products that are near a Gaussian kernel of the median distance", () => {
  const features = randomMatrix(300, 6, 1);
  const row = (i: number) => features.data.subarray(i * 6, (i + 1) * 6);
  const distance = (i: number, j: number) =>
    Math.hypot(...row(i).map((x, c) => x - row(j)[c]!));
  const distances = Array.from(
    { length: 300 },
    (_, i) => Array.from({ length: i }, (_, j) => distance(i, j)),
  ).flat().sort((a, b) => a - b);
  const n = distances.length;
  const median = (distances[(n - 1) >> 1]! + distances[n >> 1]!) / 2;
  // many maps, as one of 100 features is rough
  const errors: number[] = [];
  for (let pair = 0; pair < 20; pair++) {
    const [i, j] = [pair, 299 - pair];
    let product = 0;
    for (let seed = 0; seed < 40; seed++) {
      const map = fourierMap(features, all(features), seed)!;
      assert.equal(map.weights.cols, 100);
      const other = mapped(row(j), map);
      product += mapped(row(i), map)
        .reduce((sum, x, f) => sum + x * other[f]!, 0) / 40;
    }
    const expected = 16 * Math.exp(-((distance(i, j) / median) ** 2) / 2);
    errors.push(Math.abs(product - expected));
  }
  assert.ok(errors.reduce((a, b) => a + b) / 20 < 0.25, `${errors}`);
});

Deno.test("fourierMap() is the same for the same seed, and scales with the rows", () => {
  const features = randomMatrix(90, 4, 2);
  const twice = { ...features, data: features.data.map((x) => 2 * x) };
  const map = fourierMap(features, all(features), 3)!;
  assert.deepEqual(fourierMap(features, all(features), 3), map);
  assert.notDeepEqual(fourierMap(features, all(features), 4), map);
  fourierMap(twice, all(twice), 3)!.weights.data.forEach((w, at) =>
    assert.ok(Math.abs(2 * w - map.weights.data[at]!) < 1e-5)
  );
});

Deno.test("fourierMap() looks only at the rows it may learn from, and has at most 1,024 features", () => {
  const features = randomMatrix(4000, 2, 5);
  const rows = all(features).filter((row) => row % 2 === 0);
  const other = features.data.map((x, at) => (at >> 1) % 2 ? NaN : x);
  assert.deepEqual(
    fourierMap({ ...features, data: other }, rows),
    fourierMap(features, rows),
  );
  assert.equal(fourierMap(features, all(features))!.weights.cols, 1024);
});

Deno.test("fourierMap() gives null for too few rows, or rows that are alike", () => {
  const features = randomMatrix(5, 2, 6);
  const same = { ...features, data: features.data.map(() => 1) };
  assert.equal(fourierMap(features, Int32Array.of(0, 1)), null);
  assert.equal(fourierMap(features, new Int32Array(0)), null);
  assert.equal(fourierMap(same, all(same)), null);
});
