import assert from "node:assert/strict";
import { byCell, cellsOf, nearestCells } from "./_knn_cells.ts";
import { meanRow, searchRows } from "./_knn_rows.ts";
import { clusteredMatrix, slowGraph } from "./_testing.ts";

Deno.test("byCell() sorts rows by cell, each cell's ascending", () => {
  const { starts, places } = byCell(Int32Array.of(2, 0, 2, 0), 4);
  assert.deepEqual(starts, Int32Array.of(0, 2, 2, 4, 4));
  assert.deepEqual(places, Int32Array.of(1, 3, 0, 2));
});

for (const metric of ["cosine", "euclidean"] as const) {
  Deno.test(`cellsOf() puts every point into the cell of its nearest centre, and centres amid their points (${metric})`, async () => {
    const base = clusteredMatrix(1500, 6, 12, 0.05, 8);
    const origin = metric === "cosine" ? null : meanRow(base);
    const points = searchRows(base, origin);
    const search = { queries: points, points, width: 1, metric };
    const cells = await cellsOf(search, 40);
    assert.deepEqual(
      cells.places.slice().sort(),
      Int32Array.from(points.source.keys()),
    );
    const { cols } = base;
    const plain = (rows: typeof points) => ({
      data: Float32Array.from(
        { length: rows.rows * cols },
        (_, i) => rows.data[Math.floor(i / cols) * rows.cols + i % cols]!,
      ),
      rows: rows.rows,
      cols,
    });
    const options = { selfOffset: null, k: 3, metric } as const;
    const slow = slowGraph({
      queries: plain(points),
      base: plain(cells.centres),
      ...options,
    });
    const nearest = await nearestCells(search, cells.centres, 3);
    const others = nearest.filter((c, i) => c !== slow.neighbours[i]).length;
    assert.ok(others < 10, `${others}`); // ties to the last bits
    for (let cell = 0; cell < 40; cell++) {
      const own = cells.places
        .subarray(cells.starts[cell], cells.starts[cell + 1]);
      assert.ok(own.every((place) => nearest[place * 3] === cell));
    }
    const far = points.source.filter((_, i) =>
      metric === "cosine"
        ? slow.values[i * 3]! < 0.9
        : slow.values[i * 3]! > 0.5
    );
    assert.ok(far.length < 150, `${far.length}`);
    assert.deepEqual(await cellsOf(search, 40), cells);
  });
}
