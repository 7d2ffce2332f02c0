import assert from "node:assert/strict";
import { randomRotation } from "./random_rotation.ts";

for (const size of [1, 2, 3, 7, 64, 100]) {
  Deno.test(`randomRotation() times its transpose is 1 (size ${size})`, () => {
    const { data } = randomRotation(size, 5);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let dot = 0;
        for (let c = 0; c < size; c++) {
          dot += data[i * size + c]! * data[j * size + c]!;
        }
        assert.ok(Math.abs(dot - (i === j ? 1 : 0)) < 1e-5);
      }
    }
  });
}

Deno.test("randomRotation() spreads every coordinate over all", () => {
  for (const size of [64, 96, 100, 129, 300]) {
    const { data } = randomRotation(size, 5);
    const greatest = data.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    assert.ok(greatest < 6 / Math.sqrt(size), `${size}: ${greatest}`);
  }
});

Deno.test("randomRotation() is the same for the same seed, and another for another", () => {
  assert.deepEqual(randomRotation(9, 1), randomRotation(9, 1));
  assert.notDeepEqual(randomRotation(9, 1), randomRotation(9, 2));
});

Deno.test("randomRotation() of nothing is nothing", () => {
  assert.equal(randomRotation(0, 1).data.length, 0);
});
