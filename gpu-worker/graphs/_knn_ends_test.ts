import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { endDigits, endsOf } from "./_knn_ends.ts";
import { searchRows } from "./_knn_rows.ts";
import { turnOf } from "./_knn_turn.ts";

const matrix = { data: Float32Array.of(3, 4, 1, 0), rows: 2, cols: 2 };

Deno.test("endsOf() is half the squared length of Euclidean points, negative, and the product of a cosine's with their mean", () => {
  const far = searchRows(matrix, Float64Array.of(0, 0));
  const ends = endsOf(far, turnOf(far, "euclidean"));
  assert.deepEqual(ends, Float64Array.of(-12.5, -0.5));
  const unit = searchRows(matrix, null); // mean (0.8, 0.4)
  const products = endsOf(unit, turnOf(unit, "cosine"));
  [0.8, 0.8].forEach((p, i) => assert.ok(Math.abs(products[i]! - p) < 1e-6));
});

Deno.test("endDigits() are the ends to half a unit but for one number, and none is above 64", () => {
  const normal = seededNormal(3);
  for (const scale of [0.001, 1, 15]) {
    const ends = Float64Array.from({ length: 200 }, () => scale * normal());
    const range = 1;
    const { nDigits, write } = endDigits(ends, range);
    const digits = new Int8Array(nDigits * 200);
    write(0, 120, digits.subarray(0, nDigits * 120));
    write(120, 80, digits.subarray(nDigits * 120));
    assert.ok(digits.every((digit) => Math.abs(digit) <= 64));
    const value = (i: number) => {
      const [rows, at, from] = i < 120
        ? [120, i, 0]
        : [80, i - 120, nDigits * 120];
      let sum = digits[from + (nDigits - 1) * rows + at]!;
      for (let digit = 0; digit < nDigits - 1; digit++) {
        sum += 127 * digits[from + digit * rows + at]!;
      }
      return sum;
    };
    const middle = value(0) - ends[0]! * 127 * 64;
    ends.forEach((end, i) =>
      assert.ok(Math.abs(value(i) - end * 127 * 64 - middle) <= 1.001)
    );
  }
});

Deno.test("endDigits() cuts the far ends where all do not fit", () => {
  const ends = Float64Array.of(0, -1, -1e9);
  const { nDigits, write } = endDigits(ends, 1);
  const digits = new Int8Array(nDigits * 3);
  write(0, 3, digits);
  const sums = [0, 1, 2].map((i) => {
    let sum = digits[(nDigits - 1) * 3 + i]!;
    for (let d = 0; d < nDigits - 1; d++) sum += 127 * digits[d * 3 + i]!;
    return sum;
  });
  assert.equal(sums[0]! - sums[1]!, 127 * 64);
  assert.ok(sums[2]! < sums[1]!);
});
