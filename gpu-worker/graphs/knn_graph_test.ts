import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { knnGraph } from "./knn_graph.ts";

function randomMatrix(rows: number, cols: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const data = Float32Array.from({ length: rows * cols }, () => random() - 0.4);
  return { data, rows, cols };
}

function slow(
  { queries, base, selfOffset, k, metric }: Parameters<typeof knnGraph>[0],
) {
  const row = (m: Matrix, i: number) =>
    Array.from(m.data.subarray(i * m.cols, (i + 1) * m.cols));
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, x, j) => sum + x * b[j]!, 0);
  return Array.from({ length: queries.rows }, (_, i) => {
    const q = row(queries, i);
    const all = Array.from({ length: base.rows }, (_, j) => {
      const b = row(base, j);
      const value = metric === "cosine"
        ? dot(q, b) / Math.sqrt(dot(q, q) * dot(b, b))
        : Math.sqrt(q.reduce((sum, x, c) => sum + (x - b[c]!) ** 2, 0));
      return { j, value };
    }).filter(({ j }) => selfOffset === null || j !== selfOffset + i);
    all.sort((a, b) =>
      metric === "cosine" ? b.value - a.value : a.value - b.value
    );
    return all.slice(0, k);
  });
}

for (const metric of ["cosine", "euclidean"] as const) {
  Deno.test(`knnGraph() agrees with comparing all with all (${metric}, several blocks)`, async () => {
    const base = randomMatrix(1100, 9, 1);
    const options = { queries: base, base, selfOffset: 0, k: 7, metric };
    const { neighbours, values } = await knnGraph(options);
    const expected = slow(options).flat();
    assert.deepEqual([...neighbours], expected.map(({ j }) => j));
    expected.forEach(({ value }, i) =>
      assert.ok(Math.abs(value - values[i]!) < 1e-6)
    );
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
    assert.deepEqual([...neighbours], slow(options).flat().map(({ j }) => j));
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
    assert.deepEqual([...neighbours], slow(options).flat().map(({ j }) => j));
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

Deno.test("knnGraph() is deterministic and does not depend on threads", async () => {
  const base = randomMatrix(700, 33, 4);
  const options = {
    queries: base,
    base,
    selfOffset: 0,
    k: 5,
    metric: "cosine",
  } as const;
  const first = await knnGraph(options);
  assert.deepEqual(await knnGraph(options), first);
  assert.deepEqual(await knnGraph({ ...options, threads: 1 }), first);
});

Deno.test("knnGraph() reports progress per block and stops between blocks", async () => {
  const base = randomMatrix(1200, 4, 5);
  const options = {
    queries: base,
    base,
    selfOffset: 0,
    k: 2,
    metric: "cosine",
  } as const;
  const fractions: number[] = [];
  await knnGraph({ ...options, onProgress: (f) => fractions.push(f) });
  assert.deepEqual(fractions, [1 / 3, 2 / 3, 1]);

  const controller = new AbortController();
  const reason = new Error("cancelled");
  let blocks = 0;
  const search = knnGraph({
    ...options,
    signal: controller.signal,
    onProgress: () => {
      blocks++;
      controller.abort(reason);
    },
  });
  await assert.rejects(search, reason);
  assert.equal(blocks, 1);
});

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
