import assert from "node:assert/strict";
import { meanRow, searchRows } from "./_knn_rows.ts";
import { knownQueries, recallOf } from "./_knn_sample.ts";
import { clusteredMatrix, slowGraph, withOddRows } from "./_testing.ts";

const base = withOddRows(clusteredMatrix(900, 5, 30, 0.2, 6));
const metric = "euclidean";
const options = { queries: base, base, selfOffset: 0, k: 4, metric } as const;
const points = searchRows(base, meanRow(base));
const search = { queries: points, points, width: 9, metric } as const;

Deno.test("knownQueries() knows 500 queries, as comparing all with all does", async () => {
  const known = await knownQueries(options, search);
  const slow = slowGraph(options);
  assert.equal(new Set(known.chosen).size, 500);
  assert.equal(known.total, 500 * 4);
  known.queries.source.forEach((query, i) => {
    const own = known.places.subarray(i * 4, i * 4 + 4);
    assert.deepEqual(
      own.map((place) => points.source[place]!),
      slow.neighbours.subarray(query * 4, query * 4 + 4),
    );
    assert.equal(known.worst[i], slow.values[query * 4 + 3]);
  });
  assert.deepEqual(await knownQueries(options, search), known);
});

Deno.test("recallOf() counts the values that are near enough, whichever of equal rows they are of", async () => {
  const known = await knownQueries(options, search);
  const { values } = slowGraph(options);
  assert.equal(recallOf(known, { values, k: 4, metric }), 1);
  const [first, second] = known.queries.source;
  values[first! * 4 + 3] = NaN;
  values[second! * 4 + 3]! += 1;
  assert.equal(recallOf(known, { values, k: 4, metric }), 1998 / 2000);
});

Deno.test("knownQueries() knows all where there are fewer", async () => {
  const few = { ...base, data: base.data.subarray(0, 50 * 5), rows: 50 };
  const queries = searchRows(few, meanRow(base));
  const known = await knownQueries({ ...options, queries: few }, {
    ...search,
    queries,
  });
  assert.deepEqual(known.chosen, Int32Array.from(queries.source.keys()));
});
