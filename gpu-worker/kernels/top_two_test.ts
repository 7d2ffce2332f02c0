import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";
import { topTwo } from "./top_two.ts";

Deno.test("topTwo() is what sorting each row gives", () => {
  const random = seededRandom(4);
  const [rows, cols] = [50, 7];
  const data = Float32Array.from(
    { length: rows * cols },
    () => Math.floor(random() * 9), // ties too
  );
  const found = topTwo({ data, rows, cols });
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    const order = [...own.keys()].sort((a, b) => own[b]! - own[a]! || a - b);
    assert.equal(found.first[row], order[0]);
    assert.equal(found.second[row], order[1]);
    assert.equal(found.firstProbability[row], own[order[0]!]);
    assert.equal(found.secondProbability[row], own[order[1]!]);
  }
});

Deno.test("topTwo() knows nothing of unknown rows, and no second of one class", () => {
  const unknown = topTwo({ data: Float32Array.of(NaN, NaN), rows: 1, cols: 2 });
  assert.deepEqual([unknown.first[0], unknown.second[0]], [-1, -1]);
  const alone = topTwo({ data: Float32Array.of(1), rows: 1, cols: 1 });
  assert.deepEqual([alone.first[0], alone.second[0]], [0, -1]);
  assert.ok(Number.isNaN(alone.secondProbability[0]!));
  assert.equal(
    topTwo({ data: new Float32Array(), rows: 0, cols: 0 }).first.length,
    0,
  );
});
