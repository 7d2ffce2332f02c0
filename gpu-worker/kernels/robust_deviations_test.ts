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
  const usual = Array.from({ length: 60 }, (_, i) => i);
  const [near, far] = [90, 9e9].map((x) => robustDeviations([...usual, x]));
  assert.deepEqual(near!.slice(0, 60), far!.slice(0, 60));
  assert.ok(far![60]! > near![60]!);
});

Deno.test("robustDeviations() of values that do not spread are unknown; NaN stays NaN and counts for nothing", () => {
  assert.deepEqual(
    robustDeviations([2, 2, 2, 2]),
    new Float64Array(4).fill(NaN),
  );
  const without = robustDeviations([1, 2, 3, 5]);
  const withNaN = robustDeviations([1, NaN, 2, 3, 5]);
  assert.ok(Number.isNaN(withNaN[1]!));
  assert.deepEqual(withNaN.filter((z) => !Number.isNaN(z)), without);
  assert.equal(robustDeviations([]).length, 0);
});

Deno.test("robustDeviations() take a heavy tail for what is usual, where more than a twentieth of the values are in it", () => {
  const values = Array.from(
    { length: 1000 },
    (_, i) => i < 900 ? i / 900 : 1 + (i - 900),
  );
  const deviations = robustDeviations(values);
  assert.ok(deviations.filter((z) => z > 3.5).length < 15);
  assert.ok(robustDeviations([...values, 1000])[1000]! > 3.5);
});
