import assert from "node:assert/strict";
import { seededNormal } from "../statistics/seeded_normal.ts";
import { binOf } from "./audit_strata.ts";
import { drawAudit, logOddsBins } from "./draw_audit.ts";

function made(n: number): Float64Array {
  const normal = seededNormal(2);
  return Float64Array.from(
    { length: n },
    (_, i) => i % 50 === 7 ? NaN : -3 + 2 * normal(),
  );
}

Deno.test("drawAudit() draws as many of each stratum as it should have, none twice, none unknown", () => {
  const logOdds = made(3000);
  const { rows, strata } = drawAudit(logOdds, 120, 3);
  assert.equal(new Set(rows).size, 120);
  for (const { from, to, nDrawn } of strata) {
    const own = rows.filter((row) => {
      const bin = binOf(logOdds[row]!);
      return from <= bin && bin <= to;
    });
    assert.equal(own.length, nDrawn);
  }
  assert.ok(rows.every((row) => !Number.isNaN(logOdds[row]!)));
});

Deno.test("drawAudit() repeats for a seed, and gives samples in no order", () => {
  const logOdds = made(3000);
  assert.deepEqual(drawAudit(logOdds, 50, 1), drawAudit(logOdds, 50, 1));
  const { rows } = drawAudit(logOdds, 100, 1);
  assert.notDeepEqual(rows, drawAudit(logOdds, 100, 2).rows);
  const values = Array.from(rows, (row) => logOdds[row]!);
  const mean = (v: number[]) => v.reduce((a, b) => a + b) / v.length;
  const [first, second] = [values.slice(0, 50), values.slice(50)].map(mean);
  assert.ok(Math.abs(first! - second!) < 1, `${first} ${second}`);
});

Deno.test("drawAudit() draws every sample of a stratum as often as any other", () => {
  const logOdds = Array.from({ length: 40 }, (_, i) => i < 10 ? 1 : -3);
  const counts = new Float64Array(40);
  for (let seed = 0; seed < 3000; seed++) {
    for (const row of drawAudit(logOdds, 12, seed).rows) counts[row]!++;
  }
  for (const own of [counts.slice(0, 10), counts.slice(10)]) {
    const mean = own.reduce((a, b) => a + b) / own.length;
    assert.ok(own.every((n) => Math.abs(n / mean - 1) < 0.15), own.join());
  }
});

Deno.test("drawAudit() draws all where there are no more", () => {
  assert.deepEqual(
    drawAudit([NaN, 1, NaN, -2], 9, 0).rows.toSorted(),
    Int32Array.of(1, 3),
  );
  assert.equal(drawAudit([NaN], 9, 0).rows.length, 0);
});

Deno.test("logOddsBins() counts what is known", () => {
  assert.deepEqual(logOddsBins([-1, NaN, 2, -1.001]), [
    { bin: 80, n: 1 },
    { bin: -40, n: 2 },
  ]);
});
