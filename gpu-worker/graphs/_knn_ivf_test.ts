import assert from "node:assert/strict";
import { cellsOf } from "./_knn_cells.ts";
import { exactCandidates, exactCandidatesOfFew } from "./_knn_exact.ts";
import { ivfCandidates } from "./_knn_ivf.ts";
import { meanRow, searchRows } from "./_knn_rows.ts";
import { randomMatrix } from "./_testing.ts";

for (const metric of ["cosine", "euclidean"] as const) {
  const base = randomMatrix(1100, 10, 9);
  const points = searchRows(base, metric === "cosine" ? null : meanRow(base));
  const search = { queries: points, points, width: 8, metric };

  Deno.test(`ivfCandidates() of all cells are the exact ones, and so are exactCandidatesOfFew() (${metric})`, async () => {
    const exact = await exactCandidates(search);
    const cells = await cellsOf(search, 33);
    const all = await ivfCandidates(search, cells, 33);
    assert.ok(shareMissing(all, exact) < 1e-3);
    assert.ok(
      shareMissing(await exactCandidatesOfFew(search), exact) < 1e-3,
    );
    const some = await ivfCandidates(search, cells, 4);
    const missing = shareMissing(some, exact);
    assert.ok(missing > 0.01 && missing < 0.5, `${missing}`);
  });
}

/** Share of `wanted` that `places`, of as many queries, do not have. */
function shareMissing(places: Int32Array, wanted: Int32Array): number {
  const n = 1100;
  let missing = 0;
  for (let i = 0; i < n; i++) {
    const own = rowOf(places, i);
    missing += rowOf(wanted, i).filter((place) => !own.includes(place)).length;
  }
  return missing / wanted.length;

  function rowOf(all: Int32Array, i: number) {
    const width = all.length / n;
    return all.subarray(i * width, (i + 1) * width);
  }
}
