import assert from "node:assert/strict";
import { seededNormal } from "./seeded_normal.ts";

Deno.test("seededNormal() has the moments of the standard normal distribution", () => {
  const normal = seededNormal(3);
  const values = Array.from({ length: 40_000 }, normal);
  const moment = (power: number) =>
    values.reduce((sum, x) => sum + x ** power, 0) / values.length;
  assert.ok(Math.abs(moment(1)) < 0.02);
  assert.ok(Math.abs(moment(2) - 1) < 0.03);
  assert.ok(Math.abs(moment(3)) < 0.06);
  assert.ok(Math.abs(moment(4) - 3) < 0.15);
});

Deno.test("seededNormal() gives other numbers for another seed", () => {
  assert.notEqual(seededNormal(1)(), seededNormal(2)());
});
