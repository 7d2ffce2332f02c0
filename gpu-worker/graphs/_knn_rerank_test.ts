import assert from "node:assert/strict";
import { rerank } from "./_knn_rerank.ts";
import { meanRow, type Metric, searchRows } from "./_knn_rows.ts";
import { randomMatrix, shareOfOthers, slowGraph } from "./_testing.ts";

for (const metric of ["cosine", "euclidean"] as const) {
  Deno.test(`rerank() of all as candidates is comparing all with all (${metric})`, () => {
    for (const cols of [1, 3, 4, 7, 8]) {
      const base = randomMatrix(40, cols, 3);
      const options = { queries: base, base, selfOffset: 0, k: 6, metric };
      const rows = rowsOf(base, metric);
      const places = Int32Array.from(
        { length: 40 * 40 },
        (_, i) => 39 - i % 40,
      );
      const found = rerank(options, { queries: rows, points: rows }, places);
      const expected = slowGraph(options);
      if (cols > 1) assert.deepEqual(found.neighbours, expected.neighbours);
      assert.equal(shareOfOthers(found.values, expected.values), 0);
    }
  });
}

Deno.test("rerank() puts equal values by row, leaves the row itself out and places without a candidate empty", () => {
  const base = { data: Float32Array.of(2, 2, 2, 5), rows: 4, cols: 1 };
  const rows = rowsOf(base, "euclidean");
  const places = Int32Array.of(
    3,
    2,
    1,
    0,
    1,
    -1,
    2,
    0,
    -1,
    -1,
    -1,
    -1,
    0,
    1,
    2,
    3,
  );
  const found = rerank(
    { queries: base, base, selfOffset: 0, k: 2, metric: "euclidean" },
    { queries: rows, points: rows },
    places,
  );
  assert.deepEqual(found.neighbours, Int32Array.of(1, 2, 0, 2, -1, -1, 0, 1));
  assert.deepEqual(found.values, Float32Array.of(0, 0, 0, 0, NaN, NaN, 3, 3));
});

function rowsOf(base: Parameters<typeof meanRow>[0], metric: Metric) {
  return searchRows(base, metric === "cosine" ? null : meanRow(base));
}
