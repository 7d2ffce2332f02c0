import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { crossProduct, multiplyTall, orthonormalize } from "./tall_matrix.ts";

function randomDense(length: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length }, () => random() - 0.5);
}

function assertClose(a: Float64Array, b: ArrayLike<number>, tolerance: number) {
  assert.equal(a.length, b.length);
  a.forEach((x, i) =>
    assert.ok(Math.abs(x - b[i]!) <= tolerance, `${i}: ${x} is not ${b[i]}`)
  );
}

function identity(width: number): Float64Array {
  return Float64Array.from(
    { length: width * width },
    (_, at) => at % (width + 1) === 0 ? 1 : 0,
  );
}

Deno.test("crossProduct() sums over all rows, whole blocks and the rest", () => {
  for (const rows of [0, 1, 3, 64, 66, 131]) {
    const a = randomDense(rows * 5, rows);
    const slow = Float64Array.from({ length: 25 }, (_, at) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        sum += a[row * 5 + Math.floor(at / 5)]! * a[row * 5 + at % 5]!;
      }
      return sum;
    });
    assertClose(crossProduct(a, a, 5), slow, 1e-13);
  }
});

Deno.test("multiplyTall() is the product, also in place", () => {
  const a = randomDense(7 * 6, 1);
  const factor = randomDense(36, 2);
  const slow = Float64Array.from({ length: 42 }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < 6; i++) {
      sum += a[Math.floor(at / 6) * 6 + i]! * factor[i * 6 + at % 6]!;
    }
    return sum;
  });
  const to = new Float64Array(42);
  multiplyTall(a, factor, 6, 6, to);
  assertClose(to, slow, 1e-14);
  multiplyTall(a, factor, 6, 6, a);
  assert.deepEqual(a, to);
});

Deno.test("orthonormalize() keeps the space and makes columns orthonormal", () => {
  const before = randomDense(90 * 7, 3);
  const q = before.slice();
  orthonormalize(q, 7);
  assertClose(crossProduct(q, q, 7), identity(7), 1e-13);
  const inSpace = new Float64Array(before.length); // q q' before
  const inside = Float64Array.from({ length: 49 }, (_, at) => {
    let sum = 0;
    for (let row = 0; row < 90; row++) {
      sum += q[row * 7 + Math.floor(at / 7)]! * before[row * 7 + at % 7]!;
    }
    return sum;
  });
  multiplyTall(q, inside, 7, 7, inSpace);
  assertClose(inSpace, before, 1e-13);
});

Deno.test("orthonormalize() makes columns that depend on those before them 0", () => {
  const q = randomDense(50 * 4, 4);
  for (let at = 0; at < q.length; at += 4) {
    q[at + 1] = 3 * q[at]!;
    q[at + 3] = 0;
  }
  orthonormalize(q, 4);
  const expected = identity(4);
  expected[5] = expected[15] = 0;
  assertClose(crossProduct(q, q, 4), expected, 1e-13);
});

Deno.test("orthonormalize() does not mind columns of very different lengths", () => {
  const q = randomDense(50 * 3, 5);
  for (let at = 0; at < q.length; at += 3) {
    q[at]! *= 1e-90;
    q[at + 2]! *= 1e90;
  }
  orthonormalize(q, 3);
  assertClose(crossProduct(q, q, 3), identity(3), 1e-12);
});

Deno.test("orthonormalize() run twice is right to the last digits for columns that nearly depend", () => {
  const q = randomDense(80 * 2, 6);
  for (let at = 0; at < q.length; at += 2) {
    q[at + 1] = q[at]! + 1e-4 * q[at + 1]!;
  }
  orthonormalize(q, 2);
  orthonormalize(q, 2);
  assertClose(crossProduct(q, q, 2), identity(2), 1e-14);
});
