import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import { errorCount } from "./error_count.ts";

const rowsOf = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

Deno.test("errorCount() without doubt about the curve is the interval of independent labels", () => {
  const logOdds = new Float64Array(400).fill(Math.log(0.2 / 0.8));
  const count = errorCount(rowsOf(400), logOdds, () => (i) => logOdds[i]!);
  assert.equal(count.n, 400);
  assert.ok(Math.abs(count.mean - 80) < 1e-9);
  assert.ok(Math.abs(count.low - (80 - 1.645 * 8)) < 2, `${count.low}`);
  assert.ok(Math.abs(count.high - (80 + 1.645 * 8)) < 2, `${count.high}`);
});

Deno.test("errorCount() holds the number of wrong labels nine times in ten", () => {
  const random = seededRandom(5);
  const normal = seededNormal(6);
  let inside = 0;
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    const logOdds = Float64Array.from({ length: 80 }, () => -1 + normal());
    const shift = 0.5 * normal(); // by which the truth is other
    let wrong = 0;
    for (const z of logOdds) if (random() < sigmoid(z + shift)) wrong++;
    const { low, high } = errorCount(rowsOf(80), logOdds, (normal) => {
      const other = 0.5 * normal();
      return (i) => logOdds[i]! + other;
    });
    if (wrong >= low && wrong <= high) inside++;
  }
  assert.ok(inside / rounds > 0.83 && inside / rounds < 0.97, `${inside}`);
});

Deno.test("errorCount() of many rows asks some, and adds what people confirmed", () => {
  const logOdds = Float64Array.from({ length: 50_000 }, (_, i) => -i / 1e4);
  let asked = 0;
  const { n, mean, low, high } = errorCount(
    rowsOf(50_000),
    logOdds,
    () => (i) => {
      asked++;
      return logOdds[i]!;
    },
    1000,
    1500,
  );
  assert.equal(n, 51_500);
  assert.equal(asked, 300 * 10_000);
  assert.ok(low < mean && mean < high, `${low} ${mean} ${high}`);
  assert.ok(high - low < 500, `${high - low}`);
});

Deno.test("errorCount() of nothing is nothing", () => {
  assert.deepEqual(
    errorCount(new Int32Array(0), new Float64Array(0), () => () => 0),
    { n: 0, mean: 0, low: 0, high: 0 },
  );
});
