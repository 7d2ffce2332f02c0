import assert from "node:assert/strict";
import { seededBeta } from "./seeded_beta.ts";

for (const [a, b] of [[2, 3], [0.4, 7], [40, 1], [300, 900]] as const) {
  Deno.test(`seededBeta() has mean and variance of Beta(${a}, ${b})`, () => {
    const beta = seededBeta(5);
    const values = Array.from({ length: 20_000 }, () => beta(a, b));
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) /
      values.length;
    const [m, v] = [a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))];
    assert.ok(Math.abs(mean - m) < 4 * Math.sqrt(v / values.length), `${mean}`);
    assert.ok(Math.abs(variance / v - 1) < 0.08, `${variance} for ${v}`);
    assert.ok(values.every((x) => x >= 0 && x <= 1));
  });
}

Deno.test("seededBeta() of parameters that round to 0 is one of both ends", () => {
  const beta = seededBeta(1);
  const values = Array.from({ length: 400 }, () => beta(1e-6, 3e-6));
  assert.ok(values.every((x) => x === 0 || x === 1));
  const ones = values.filter((x) => x === 1).length;
  assert.ok(ones > 60 && ones < 140, `${ones}`);
});
