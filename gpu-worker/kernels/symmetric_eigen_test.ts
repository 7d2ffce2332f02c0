import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";
import { symmetricEigen } from "./symmetric_eigen.ts";

/** `B' D B` with random B: signed values of all sizes where D says so. */
function symmetric(n: number, seed: number, d: (i: number) => number) {
  const random = seededRandom(seed);
  const b = Float64Array.from({ length: n * n }, () => random() - 0.5);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        a[i * n + j]! += b[k * n + i]! * d(k) * b[k * n + j]!;
      }
    }
  }
  return a;
}

const cases: Record<string, [n: number, matrix: Float64Array]> = {
  "signed": [70, symmetric(70, 1, (k) => k % 3 - 1.2)],
  "of all sizes": [40, symmetric(40, 2, (k) => 10 ** (k / 2 - 10))],
  "of low rank": [65, symmetric(65, 3, (k) => k < 5 ? 1 : 0)],
  "zero": [6, new Float64Array(36)],
  "the identity": [
    7,
    Float64Array.from({ length: 49 }, (_, i) => i % 8 ? 0 : 1),
  ],
  "all ones": [9, new Float64Array(81).fill(1)],
  "tiny": [5, symmetric(5, 4, () => 1e-300)],
  "huge": [5, symmetric(5, 5, () => 1e150)],
  "one": [1, Float64Array.of(-3)],
  "nothing": [0, new Float64Array(0)],
};

for (const [name, [n, a]] of Object.entries(cases)) {
  Deno.test(`symmetricEigen() solves A v = l v with orthonormal v, l falling: ${name}`, () => {
    const before = a.slice();
    const { values, vectors } = symmetricEigen(a, n);
    assert.deepEqual(a, before);
    const size = values.reduce((max, l) => Math.max(max, Math.abs(l)), 0);
    for (let i = 0; i < n; i++) {
      assert.ok(i === 0 || values[i]! <= values[i - 1]!);
      for (let row = 0; row < n; row++) {
        let product = 0;
        for (let j = 0; j < n; j++) {
          product += a[row * n + j]! * vectors[i * n + j]!;
        }
        const error = Math.abs(product - values[i]! * vectors[i * n + row]!);
        assert.ok(error <= 1e-14 * n * size, `${i}: ${error} of ${size}`);
      }
      for (let k = 0; k <= i; k++) {
        let dot = 0;
        for (let j = 0; j < n; j++) {
          dot += vectors[i * n + j]! * vectors[k * n + j]!;
        }
        assert.ok(Math.abs(dot - (i === k ? 1 : 0)) < 1e-12, `${i} ${k}`);
      }
    }
    const trace = (values: Float64Array, step: number) =>
      values.reduce((sum, x, i) => i % step ? sum : sum + x, 0);
    assert.ok(
      Math.abs(trace(a, n + 1) - trace(values, 1)) <= 1e-13 * n * size,
    );
  });
}

Deno.test("symmetricEigen() gives values known by hand", () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  assert.ok(Math.abs(values[0]! - 3) < 1e-15);
  assert.ok(Math.abs(values[1]! - 1) < 1e-15);
  assert.ok(Math.abs(vectors[0]! - vectors[1]!) < 1e-15);
});

Deno.test("symmetricEigen() throws if there is no such matrix", () => {
  assert.throws(() => symmetricEigen(new Float64Array(5), 2), {
    name: "RangeError",
    message: /2 x 2 values: current value is 5/,
  });
  assert.throws(() => symmetricEigen(Float64Array.of(1, 0, NaN, 1), 2), {
    name: "RangeError",
    message: /finite: current value is NaN/,
  });
});
