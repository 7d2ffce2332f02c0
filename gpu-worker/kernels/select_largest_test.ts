import assert from "node:assert/strict";
import { seededRandom } from "./seeded_random.ts";
import { selectLargest } from "./select_largest.ts";

/** By sorting everything. */
function slow(values: Float32Array, m: number, kept: number): number[] {
  return [...values.keys()]
    .sort((a, b) =>
      Number(b === kept) - Number(a === kept) ||
      values[b]! - values[a]! || a - b
    )
    .slice(0, m).sort((a, b) => a - b);
}

Deno.test("selectLargest() takes what sorting would, ties and kept places included", () => {
  const random = seededRandom(5);
  for (let trial = 0; trial < 300; trial++) {
    const length = 1 + Math.floor(40 * random());
    const values = Float32Array.from(
      { length },
      () => Math.floor(random() * (trial % 2 ? 5 : 1000)),
    );
    const m = 1 + Math.floor(length * random());
    const kept = Math.floor(random() * (length + 1)) - 1;
    const [pad, out] = [Float32Array.of(99, 99), new Int32Array(m)];
    const n = selectLargest(
      Float32Array.of(...pad, ...values),
      2,
      length,
      m,
      kept,
      out,
      new Float32Array(length),
    );
    assert.deepEqual(Array.from(out.subarray(0, n)), slow(values, m, kept));
  }
});
