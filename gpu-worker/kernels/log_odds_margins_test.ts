import assert from "node:assert/strict";
import { logOddsMargins } from "./log_odds_margins.ts";
import type { Matrix } from "./matrix.ts";
import { rowArgmax } from "./row_argmax.ts";
import { seededRandom } from "./seeded_random.ts";

function slow({ data, rows, cols }: Matrix, labels: Int32Array) {
  const margins = new Float64Array(rows).fill(NaN);
  const rivals = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const logs = Array.from(
      data.subarray(i * cols, (i + 1) * cols),
      (p) => Math.log(Math.max(p, 1e-12)),
    );
    rivals[i] = rowArgmax(data, i, cols, labels[i]!);
    const [own] = labels[i]! < 0 ? [NaN] : logs.splice(labels[i]!, 1);
    margins[i] = own! - Math.max(...logs);
  }
  return { margins, rivals };
}

for (const cols of [4, 40]) {
  Deno.test(`logOddsMargins() agrees with the obvious slow version on ${cols} classes`, () => {
    const random = seededRandom(1);
    const rows = 500;
    const data = Float32Array.from(
      { length: rows * cols },
      () => random() < 0.2 / cols ? NaN : Math.round(random() * 5 - 0.6) / 5, // with ties, zeros and, wrongly, negative ones
    );
    const labels = Int32Array.from(
      { length: rows },
      () => Math.floor(random() * (cols + 1)) - 1,
    );
    const predProbs = { data, rows, cols };
    const { margins, rivals } = logOddsMargins(predProbs, labels);
    const expected = slow(predProbs, labels);
    assert.deepEqual(rivals, expected.rivals);
    margins.forEach((margin, i) => {
      const other = expected.margins[i]!;
      assert.equal(Number.isNaN(margin), Number.isNaN(other));
      assert.ok(!(Math.abs(margin - other) > 1e-12));
    });
  });
}

for (const cols of [3, 33]) {
  Deno.test(`logOddsMargins() takes what is no probability as it is, ${cols} classes`, () => {
    for (const p of [2, 1e9, Infinity, -1, -0, 1e-40]) {
      const data = new Float32Array(cols).fill(0.25);
      data[2] = p;
      const predProbs = { data, rows: 1, cols };
      const { margins, rivals } = logOddsMargins(predProbs, Int32Array.of(0));
      assert.equal(rivals[0], p > 0.25 ? 2 : 1);
      const log = (x: number) => Math.log(Math.max(x, 1e-12));
      const expected = log(0.25) - log(Math.max(p, 0.25));
      assert.ok(
        margins[0] === expected || Math.abs(margins[0]! - expected) < 1e-12,
      );
    }
    const sure = new Float32Array(cols);
    sure[1] = 1;
    const { rivals } = logOddsMargins(
      { data: sure, rows: 1, cols },
      Int32Array.of(1),
    );
    assert.equal(rivals[0], 0); // the first of equals
  });
}

Deno.test("logOddsMargins() of one class is 0 and has no rival", () => {
  const one = { data: Float32Array.of(1, NaN), rows: 2, cols: 1 };
  const { margins, rivals } = logOddsMargins(one, Int32Array.of(0, 0));
  assert.deepEqual(margins, Float64Array.of(0, NaN));
  assert.deepEqual(rivals, Int32Array.of(-1, -1));
});

Deno.test("logOddsMargins() throws if the shapes disagree", () => {
  const one = { data: Float32Array.of(1), rows: 1, cols: 1 };
  assert.throws(() => logOddsMargins(one, new Int32Array(2)), RangeError);
});
