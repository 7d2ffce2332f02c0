import assert from "node:assert/strict";
import {
  clusteredMatrix,
  randomMatrix,
  shareOfOthers,
  slowGraph,
  withOddRows,
} from "./_testing.ts";
import { knnGraph, type KnnGraphOptions } from "./knn_graph.ts";

const METRICS = ["cosine", "euclidean"] as const;
const METHODS = ["exact", "int8", "ivf"] as const;

for (const metric of METRICS) {
  Deno.test(`knnGraph() agrees with comparing all with all (${metric}, several blocks)`, async () => {
    const base = randomMatrix(1100, 9, 1);
    const options = { queries: base, base, selfOffset: 0, k: 7, metric };
    const { neighbours, values } = await knnGraph(options);
    const expected = slowGraph(options);
    assert.deepEqual(neighbours, expected.neighbours);
    assert.equal(shareOfOthers(values, expected.values), 0);
  });
}

Deno.test("knnGraph() takes queries that are a stretch of base, and queries that are not in it", async () => {
  const base = randomMatrix(60, 4, 2);
  const queries = {
    data: base.data.subarray(20 * 4, 30 * 4),
    rows: 10,
    cols: 4,
  };
  for (const selfOffset of [20, null]) {
    const options = {
      queries,
      base,
      selfOffset,
      k: 3,
      metric: "euclidean" as const,
    };
    const { neighbours } = await knnGraph(options);
    assert.deepEqual(neighbours, slowGraph(options).neighbours);
  }
});

Deno.test("knnGraph() merges shards of a base too large for one", async () => {
  const [rows, cols] = [65_536 + 40, 2];
  const base = randomMatrix(rows, cols, 3);
  const queries = { data: base.data.subarray(0, 5 * cols), rows: 5, cols };
  const tail = {
    data: base.data.subarray(rows * cols - 5 * cols),
    rows: 5,
    cols,
  };
  for (const [q, selfOffset] of [[queries, 0], [tail, rows - 5]] as const) {
    const options = {
      queries: q,
      base,
      selfOffset,
      k: 5,
      metric: "euclidean" as const,
    };
    const { neighbours } = await knnGraph(options);
    assert.deepEqual(neighbours, slowGraph(options).neighbours);
  }
});

Deno.test("knnGraph() never gives a row itself, however many copies it has", async () => {
  for (const metric of ["cosine", "euclidean"] as const) {
    const base = {
      data: new Float32Array(40 * 3).fill(0.3),
      rows: 40,
      cols: 3,
    };
    const { neighbours, values } = await knnGraph({
      queries: base,
      base,
      selfOffset: 0,
      k: 3,
      metric,
    });
    for (let i = 0; i < 40; i++) {
      const own = [...neighbours.subarray(i * 3, i * 3 + 3)];
      assert.ok(own.every((j) => j >= 0 && j !== i));
      assert.equal(new Set(own).size, 3);
    }
    const expected = metric === "cosine" ? 1 : 0;
    assert.ok(values.every((v) => Math.abs(v - expected) < 1e-6));
  }
});

Deno.test("knnGraph() gives near duplicates far from the origin their true distance", async () => {
  const base = {
    data: Float32Array.of(1000, 1000, 1000.0625, 1000, 1003, 1004),
    rows: 3,
    cols: 2,
  };
  const { values } = await knnGraph({
    queries: base,
    base,
    selfOffset: 0,
    k: 1,
    metric: "euclidean",
  });
  assert.equal(values[0], 0.0625);
});

Deno.test("knnGraph() leaves non-finite rows and, for cosine, zero vectors without neighbours", async () => {
  const base = {
    data: Float32Array.of(1, 0, NaN, 1, 0, 0, 1, 1, Infinity, 0),
    rows: 5,
    cols: 2,
  };
  const options = { queries: base, base, selfOffset: 0, k: 2 } as const;
  const cosine = await knnGraph({ ...options, metric: "cosine" });
  assert.deepEqual([...cosine.neighbours], [
    3,
    -1,
    -1,
    -1,
    -1,
    -1,
    0,
    -1,
    -1,
    -1,
  ]);
  assert.equal(cosine.values[2], NaN);
  const euclidean = await knnGraph({ ...options, metric: "euclidean" });
  assert.deepEqual([...euclidean.neighbours], [
    2,
    3,
    -1,
    -1,
    0,
    3,
    0,
    2,
    -1,
    -1,
  ]);
});

Deno.test("knnGraph() leaves places empty when there are fewer rows than k", async () => {
  const one = { data: Float32Array.of(1, 2), rows: 1, cols: 2 };
  const options = { selfOffset: 0, k: 3, metric: "cosine" } as const;
  const alone = await knnGraph({ queries: one, base: one, ...options });
  assert.deepEqual([...alone.neighbours], [-1, -1, -1]);
  const none = { data: new Float32Array(0), rows: 0, cols: 2 };
  const empty = await knnGraph({ queries: none, base: none, ...options });
  assert.equal(empty.neighbours.length, 0);
});

for (const method of METHODS) {
  for (const metric of METRICS) {
    Deno.test(`knnGraph() keeps its rules by ${method} (${metric}): queries that are the base, a stretch of it, or not in it`, async () => {
      const base = withOddRows(clusteredMatrix(1300, 12, 40, 0.1, 11));
      const stretch = {
        data: base.data.subarray(0, 700 * 12),
        rows: 700,
        cols: 12,
      };
      const others = withOddRows(clusteredMatrix(300, 12, 40, 0.11, 11));
      for (
        const [queries, selfOffset] of [
          [base, 0],
          [stretch, 0],
          [others, null],
        ] as const
      ) {
        const options = { queries, base, selfOffset, k: 6, metric, method };
        const graph = await knnGraph(options);
        assert.equal(graph.method, method);
        assert.ok(graph.recall >= 0.99 && graph.recall <= 1);
        checkRules(options, graph.neighbours, graph.values);
        const share = shareOfOthers(graph.values, slowGraph(options).values);
        assert.ok(share <= (method === "exact" ? 0 : 0.01), `${share}`);
      }
    });
  }

  Deno.test(`knnGraph() by ${method} is the same again, and with other threads`, async () => {
    const base = clusteredMatrix(1100, 33, 30, 0.1, 4);
    for (const metric of METRICS) {
      const options = { queries: base, base, selfOffset: 0, k: 5, metric };
      const first = await knnGraph({ ...options, method });
      assert.equal(first.method, method);
      for (const threads of [1, 2, 3]) {
        assert.deepEqual(
          await knnGraph({ ...options, method, threads }),
          first,
        );
      }
    }
  });

  Deno.test(`knnGraph() by ${method} takes bases smaller than k, and none`, async () => {
    for (const rows of [0, 1, 2, 5]) {
      const base = randomMatrix(rows, 3, 7);
      for (const metric of METRICS) {
        const options = { queries: base, base, selfOffset: 0, k: 4, metric };
        const graph = await knnGraph({ ...options, method });
        assert.deepEqual(graph.neighbours, slowGraph(options).neighbours);
      }
    }
    const queries = randomMatrix(2, 3, 8);
    const base = { data: new Float32Array(15).fill(NaN), rows: 5, cols: 3 };
    const options = { queries, base, selfOffset: null, k: 1, method };
    const { neighbours } = await knnGraph({ ...options, metric: "cosine" });
    assert.deepEqual(neighbours, Int32Array.of(-1, -1));
  });

  Deno.test(`knnGraph() by ${method} reports progress that grows to 1, and stops soon when asked to`, async () => {
    const base = clusteredMatrix(1200, 4, 30, 0.1, 5);
    const options = {
      queries: base,
      base,
      selfOffset: 0,
      k: 2,
      metric: "cosine",
      method,
    } as const;
    const fractions: number[] = [];
    await knnGraph({ ...options, onProgress: (f) => fractions.push(f) });
    assert.ok(fractions.length >= 3);
    assert.deepEqual(fractions, [...new Set(fractions)].sort((a, b) => a - b));
    assert.equal(fractions.at(-1), 1);

    const reason = new Error("cancelled");
    for (let stop = 0; stop < 3; stop++) {
      const controller = new AbortController();
      let reports = 0;
      const search = knnGraph({
        ...options,
        signal: controller.signal,
        onProgress: () => {
          if (reports++ === stop && stop < fractions.length - 1) {
            controller.abort(reason);
          }
        },
      });
      if (stop === fractions.length - 1) await search;
      else {
        await assert.rejects(search, reason);
        assert.equal(reports, stop + 1);
      }
    }
  });
}

Deno.test("knnGraph() takes the exact method where cells would have to be searched all", async () => {
  const base = randomMatrix(900, 24, 12);
  const options = { queries: base, base, selfOffset: 0, k: 5 };
  for (const metric of METRICS) {
    const graph = await knnGraph({ ...options, metric, method: "ivf" });
    assert.equal(graph.method, "exact");
    assert.equal(graph.recall, 1);
    const expected = slowGraph({ ...options, metric }).neighbours;
    assert.deepEqual(graph.neighbours, expected);
  }
});

Deno.test("knnGraph() takes the exact method where bytes cannot tell neighbours apart", async () => {
  const base = clusteredMatrix(900, 24, 3, 0.01, 13);
  const options = { queries: base, base, selfOffset: 0, k: 5 };
  for (const metric of METRICS) {
    const graph = await knnGraph({ ...options, metric, method: "int8" });
    assert.equal(graph.method, "exact");
    const expected = slowGraph({ ...options, metric }).values;
    assert.equal(shareOfOthers(graph.values, expected), 0);
  }
});

Deno.test("knnGraph() chooses for itself: cells where there are clusters, else bytes, all exactly where there is little to do", async () => {
  const clustered = clusteredMatrix(4200, 600, 150, 0.2, 14);
  const random = randomMatrix(4200, 600, 15);
  const few = { data: random.data.subarray(0, 600 * 40), rows: 40, cols: 600 };
  const options = { selfOffset: 0, k: 10, metric: "cosine" } as const;
  for (
    const [method, queries, base] of [
      ["ivf", clustered, clustered],
      ["int8", random, random],
      ["exact", few, random],
    ] as const
  ) {
    const graph = await knnGraph({ ...options, queries, base });
    assert.equal(graph.method, method);
    const exact = await knnGraph({
      ...options,
      queries,
      base,
      method: "exact",
    });
    assert.ok(shareOfOthers(graph.values, exact.values) < 0.01);
  }
});

function checkRules(
  { queries, base, selfOffset, k, metric }: KnnGraphOptions,
  neighbours: Int32Array,
  values: Float32Array,
): void {
  for (let i = 0; i < queries.rows; i++) {
    const own = [...neighbours.subarray(i * k, (i + 1) * k)];
    const found = own.filter((row) => row >= 0);
    assert.deepEqual(own, [...found, ...own.slice(found.length).fill(-1)]);
    assert.equal(new Set(found).size, found.length);
    assert.ok(selfOffset === null || !found.includes(selfOffset + i));
    assert.ok(found.every((row) => isUsable(base, row, metric)));
    if (!isUsable(queries, i, metric)) assert.equal(found.length, 0);
    for (let j = 0; j < k; j++) {
      assert.equal(Number.isNaN(values[i * k + j]), j >= found.length);
    }
    for (let j = 1; j < found.length; j++) {
      const [before, after] = [values[i * k + j - 1]!, values[i * k + j]!];
      assert.ok(metric === "cosine" ? before >= after : before <= after);
    }
  }
}

function isUsable(
  { data, cols }: KnnGraphOptions["base"],
  row: number,
  metric: KnnGraphOptions["metric"],
): boolean {
  const own = data.subarray(row * cols, (row + 1) * cols);
  return own.every(Number.isFinite) &&
    (metric === "euclidean" || own.some((x) => x !== 0));
}

Deno.test("knnGraph() throws if shapes disagree", async () => {
  const base = randomMatrix(4, 2, 6);
  const other = randomMatrix(4, 3, 6);
  const options = { base, selfOffset: null, metric: "cosine" } as const;
  await assert.rejects(knnGraph({ ...options, queries: other, k: 1 }), {
    name: "RangeError",
  });
  await assert.rejects(knnGraph({ ...options, queries: base, k: 0 }), {
    message: /current value is 0/,
  });
  await assert.rejects(
    knnGraph({ ...options, queries: base, k: 1, selfOffset: 1 }),
    { name: "RangeError" },
  );
});
