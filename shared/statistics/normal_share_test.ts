import assert from "node:assert/strict";
import { normalShare } from "./normal_share.ts";

Deno.test("normalShare() agrees with the sum of the density", () => {
  let sum = 0;
  const step = 1e-3;
  for (let x = -8; x < 4; x += step) {
    const middle = x + step / 2;
    sum += step * Math.exp(-middle * middle / 2) / Math.sqrt(2 * Math.PI);
    const found = normalShare(x + step);
    assert.ok(Math.abs(found - sum) < 1e-6, `${x}: ${found}, ${sum}`);
  }
  assert.equal(normalShare(Infinity), 1);
  assert.equal(normalShare(-Infinity), 0);
});
