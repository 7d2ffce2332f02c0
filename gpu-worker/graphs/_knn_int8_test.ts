import assert from "node:assert/strict";
import { byteRows } from "./_knn_bytes.ts";
import { exactCandidates } from "./_knn_exact.ts";
import { int8Candidates } from "./_knn_int8.ts";
import { meanRow, type SearchRows, searchRows } from "./_knn_rows.ts";
import { randomMatrix } from "./_testing.ts";

const METRICS = ["cosine", "euclidean"] as const;

for (const metric of METRICS) {
  Deno.test(`int8Candidates() hold the exact ones, if some more are taken (${metric})`, async () => {
    const points = rowsOf(randomMatrix(1100, 10, 9), metric);
    const search = { queries: points, points, width: 8, metric };
    const exact = await exactCandidates(search);
    const wide = await int8Candidates(
      { ...search, width: 16 },
      await byteRows(search),
    );
    let missing = 0;
    exact.forEach((place, i) => {
      const query = Math.floor(i / 8);
      if (!wide.subarray(query * 16, query * 16 + 16).includes(place)) {
        missing++;
      }
    });
    assert.ok(missing / exact.length < 0.01, `${missing}`);
  });
}

Deno.test("int8Candidates() take rows that are all alike", async () => {
  const base = { data: new Float32Array(12).fill(3), rows: 4, cols: 3 };
  for (const metric of METRICS) {
    const points = rowsOf(base, metric);
    const search = { queries: points, points, width: 4, metric };
    const places = await int8Candidates(search, await byteRows(search));
    assert.deepEqual(places.slice(0, 4).sort(), Int32Array.of(0, 1, 2, 3));
  }
});

function rowsOf(
  matrix: Parameters<typeof meanRow>[0],
  metric: typeof METRICS[number],
): SearchRows {
  return searchRows(matrix, metric === "cosine" ? null : meanRow(matrix));
}
