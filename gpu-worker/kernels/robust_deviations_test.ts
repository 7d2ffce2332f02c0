import assert from "node:assert/strict";
import { robustDeviations } from "./robust_deviations.ts";
import { seededNormal } from "./seeded_normal.ts";

Deno.test("robustDeviations() are about standard deviations of normal values, whatever one tail does", () => {
  const normal = seededNormal(3);
  const values = Float64Array.from({ length: 4001 }, () => 5 + 2 * normal());
  const plain = robustDeviations(values);
  const expected = values.map((x) => (x - 5) / 2);
  const far = plain.reduce(
    (most, z, i) => Math.max(most, Math.abs(z - expected[i]!)),
    0,
  );
  assert.ok(far < 0.25, String(far));
  const skewed = robustDeviations(values.map((x) => x < 4 ? x - 1000 : x));
  values.forEach((x, i) => {
    if (x > 6) assert.ok(Math.abs(skewed[i]! - expected[i]!) < 0.25);
  });
});

Deno.test("robustDeviations() does not move for the size of an outlier", () => {
  const [near, far] = [9, 9e9].map((x) => robustDeviations([1, 2, 3, 4, x]));
  assert.deepEqual(near!.slice(0, 4), far!.slice(0, 4));
  assert.ok(far![4]! > near![4]!);
});

Deno.test("robustDeviations() of values that do not spread are unknown; NaN stays NaN and counts for nothing", () => {
  assert.deepEqual(
    robustDeviations([2, 2, 2, 7]),
    new Float64Array(4).fill(NaN),
  );
  const without = robustDeviations([1, 2, 3, 5]);
  const withNaN = robustDeviations([1, NaN, 2, 3, 5]);
  assert.ok(Number.isNaN(withNaN[1]!));
  assert.deepEqual(withNaN.filter((z) => !Number.isNaN(z)), without);
  assert.equal(robustDeviations([]).length, 0);
});
