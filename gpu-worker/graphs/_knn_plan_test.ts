import assert from "node:assert/strict";
import { ivfCandidates } from "./_knn_ivf.ts";
import { planInt8, planIvf } from "./_knn_plan.ts";
import { searchRows } from "./_knn_rows.ts";
import { knownQueries } from "./_knn_sample.ts";
import { clusteredMatrix, randomMatrix } from "./_testing.ts";

const metric = "cosine";

async function known(base: ReturnType<typeof randomMatrix>) {
  const points = searchRows(base, null);
  const search = { queries: points, points, width: 10, metric } as const;
  const options = { queries: base, base, selfOffset: 0, k: 5, metric } as const;
  return { search, known: await knownQueries(options, search) };
}

Deno.test("planIvf() looks into few cells of clusters, enough for .996 of the neighbours, and no more than that", async () => {
  const { search, known: queries } = await known(
    clusteredMatrix(1600, 16, 40, 0.2, 4),
  );
  const { cells, nProbes, share } = await planIvf(search, queries);
  assert.ok(share < 0.2, `${share}`);
  const foundBy = async (n: number) => {
    const places = await ivfCandidates(search, cells, n);
    let found = 0;
    queries.places.forEach((place, i) => {
      const from = queries.chosen[Math.floor(i / 5)]! * search.width;
      const own = places.subarray(from, from + search.width);
      if (own.includes(place)) found++;
    });
    return found / queries.total;
  };
  assert.ok(await foundBy(nProbes) >= 0.996);
  assert.ok(nProbes > 1 && await foundBy(nProbes - 1) < 0.996);
});

Deno.test("planIvf() knows that points without clusters need most cells", async () => {
  const { search, known: queries } = await known(randomMatrix(900, 24, 5));
  assert.ok((await planIvf(search, queries)).share > 0.5);
});

Deno.test("planInt8() takes more candidates the harder neighbours are to tell apart, and null where they cannot be", async () => {
  const widths: (number | undefined)[] = [];
  for (const spread of [1, 0.3, 0.003]) {
    const { search, known: queries } = await known(
      clusteredMatrix(900, 24, 3, spread, 6),
    );
    widths.push((await planInt8(search, queries))?.width);
  }
  const [easy, hard, none] = widths;
  assert.equal(easy, 10);
  assert.ok(hard! > 10 && hard! <= 64, `${hard}`);
  assert.equal(none, undefined);
});
