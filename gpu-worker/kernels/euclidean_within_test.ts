import assert from "node:assert/strict";
import { seededRandom } from "@shared/statistics/seeded_random.ts";
import { euclideanWithin } from "./euclidean_within.ts";

Deno.test("euclideanWithin() sorts candidates by distance, then by row, and leaves out what is NaN", () => {
  const random = seededRandom(4);
  const [n, cols, nCandidates, k] = [30, 3, 7, 4];
  const rows = Array.from(
    { length: n },
    (_, i) =>
      Array.from(
        { length: cols },
        () => i === 11 ? NaN : Math.floor(3 * random()),
      ),
  );
  const candidates = Int32Array.from(
    { length: n * nCandidates },
    () => Math.floor((n + 3) * random()),
  ).map((j) => j < n ? j : -1);
  // of one row no candidate twice
  for (let i = 0; i < n; i++) {
    const own = candidates.subarray(i * nCandidates, (i + 1) * nCandidates);
    own.set(own.map((j, place) => own.indexOf(j) < place ? -1 : j));
  }
  const found = euclideanWithin(
    { data: Float32Array.from(rows.flat()), rows: n, cols },
    candidates,
    nCandidates,
    k,
  );
  for (let i = 0; i < n; i++) {
    const expected = Array.from(
      candidates.subarray(i * nCandidates, (i + 1) * nCandidates),
    ).filter((j) => j >= 0)
      .map((j) => ({
        j,
        d: Math.hypot(...rows[i]!.map((x, c) => x - rows[j]![c]!)),
      }))
      .filter(({ d }) => !Number.isNaN(d))
      .sort((a, b) => a.d - b.d || a.j - b.j).slice(0, k);
    for (let place = 0; place < k; place++) {
      assert.equal(found.neighbours[i * k + place], expected[place]?.j ?? -1);
      const value = found.values[i * k + place]!;
      if (!expected[place]) assert.equal(value, NaN);
      else assert.ok(Math.abs(value - expected[place]!.d) < 1e-6);
    }
  }
});
