import assert from "node:assert/strict";
import { knnShapley } from "./knn_shapley.ts";
import { seededRandom } from "./seeded_random.ts";

/** What a set of rows is worth to one query: the share of its k nearest with the query's label. */
function worth(
  set: readonly number[],
  nearest: readonly number[],
  labels: ArrayLike<number>,
  label: number,
  k: number,
): number {
  const voters = nearest.filter((row) => set.includes(row)).slice(0, k);
  return voters.filter((row) => labels[row] === label).length / k;
}

/** The definition: what a row adds, mean over all orders in which rows can come. */
function slow(
  nearest: readonly number[],
  labels: ArrayLike<number>,
  label: number,
  k: number,
): number[] {
  const values = new Array<number>(labels.length).fill(0);
  let nOrders = 0;
  const visit = (set: readonly number[]) => {
    if (set.length === nearest.length) {
      nOrders++;
      set.forEach((row, at) => {
        const without = worth(set.slice(0, at), nearest, labels, label, k);
        values[row]! += worth(set.slice(0, at + 1), nearest, labels, label, k) -
          without;
      });
      return;
    }
    for (const row of nearest) if (!set.includes(row)) visit([...set, row]);
  };
  visit([]);
  return values.map((sum) => sum / nOrders);
}

/** What cleanlab 2.9 gives: the sum cut at k, where the k-th neighbour gets 0. */
function asCleanlab(
  nearest: readonly number[],
  labels: ArrayLike<number>,
  label: number,
  k: number,
): number[] {
  const values = new Array<number>(labels.length).fill(0);
  const matches = (at: number) => labels[nearest[at]!] === label ? 1 : 0;
  for (let at = k - 2; at >= 0; at--) {
    const more = (matches(at) - matches(at + 1)) / k;
    values[nearest[at]!] = values[nearest[at + 1]!]! + more;
  }
  return values;
}

function ordersOf(rows: readonly number[]): number[][] {
  if (rows.length === 0) return [[]];
  return rows.flatMap((first) =>
    ordersOf(rows.filter((row) => row !== first)).map((
      rest,
    ) => [first, ...rest])
  );
}

/** Rows in an order of their own for each query. */
function made(n: number, nQueries: number, seed: number, nClasses = 2) {
  const random = seededRandom(seed);
  const draw = (count: number) =>
    Int32Array.from({ length: count }, () => Math.floor(random() * nClasses));
  return {
    labels: draw(n),
    queryLabels: draw(nQueries),
    nearest: Array.from({ length: nQueries }, () => {
      const keys = Array.from({ length: n }, random);
      return [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
    }),
  };
}

const near = (a: Float64Array, b: readonly number[]) =>
  a.forEach((x, i) =>
    assert.ok(Math.abs(x - b[i]!) < 1e-12, `${i}: ${x} instead of ${b[i]}`)
  );

for (const k of [1, 2, 3, 6, 9]) {
  Deno.test(`knnShapley() is the mean over all orders of rows, k = ${k}`, () => {
    const n = 6;
    const { labels, queryLabels, nearest } = made(n, 4, k, 3);
    const values = knnShapley({
      neighbours: Int32Array.from(nearest.flat()),
      listed: n,
      k,
      labels,
      queryLabels,
    });
    const expected = nearest.map((order, q) =>
      slow(order, labels, queryLabels[q]!, k)
    );
    near(
      values,
      Array.from(
        labels,
        (_, row) => expected.reduce((sum, v) => sum + v[row]!, 0) / 4,
      ),
    );
  });
}

Deno.test("knnShapley() of seven rows that value each other is the mean over all orders, and what cleanlab gives is not", () => {
  const n = 7;
  const k = 3;
  const { labels, nearest } = made(n, n, 11);
  const others = nearest.map((order, row) => order.filter((i) => i !== row));
  const values = knnShapley({
    neighbours: Int32Array.from(others.flat()),
    listed: n - 1,
    k,
    labels,
  });
  const mean = (of: (row: number) => number[]) => {
    const all = others.map((_, row) => of(row));
    return Array.from(
      labels,
      (_, row) => all.reduce((sum, v) => sum + v[row]!, 0) / n,
    );
  };
  const exact = mean((row) => slow(others[row]!, labels, labels[row]!, k));
  near(values, exact);
  const cut = mean((row) => asCleanlab(others[row]!, labels, labels[row]!, k));
  const off = cut.map((v, row) => Math.abs(v - exact[row]!));
  assert.ok(Math.max(...off) > 0.02, String(off));
});

Deno.test("knnShapley() of listed rows is the mean over all orders of those that are not", () => {
  for (const k of [2, 5]) { // more and fewer than are listed
    const { labels, queryLabels, nearest } = made(8, 3, 7);
    const [listed, n] = [4, 8];
    const values = knnShapley({
      neighbours: Int32Array.from(
        nearest.flatMap((order) => order.slice(0, listed)),
      ),
      listed,
      k,
      labels,
      queryLabels,
    });
    const expected = new Array<number>(n).fill(0);
    nearest.forEach((order, q) => {
      const rests = ordersOf(order.slice(listed));
      const neighbours = rests.flatMap((rest) => [
        ...order.slice(0, listed),
        ...rest,
      ]);
      const exact = knnShapley({
        neighbours: Int32Array.from(neighbours),
        listed: n,
        k,
        labels,
        queryLabels: new Int32Array(rests.length).fill(queryLabels[q]!),
      });
      for (const row of order.slice(0, listed)) {
        expected[row]! += exact[row]! / 3;
      }
    });
    near(values, expected);
  }
});

Deno.test("knnShapley() of listed rows is within 1 / listed of that over all rows, whose sum is what all are worth", () => {
  const n = 200;
  const k = 5;
  const { labels, queryLabels, nearest } = made(n, 1, 8);
  const of = (listed: number) =>
    knnShapley({
      neighbours: Int32Array.from(nearest[0]!.slice(0, listed)),
      listed,
      k,
      labels,
      queryLabels,
    });
  const all = of(n);
  const sum = all.reduce((a, b) => a + b, 0);
  const whole = worth(
    [...labels.keys()],
    nearest[0]!,
    labels,
    queryLabels[0]!,
    k,
  );
  assert.ok(Math.abs(sum - whole) < 1e-12);
  assert.ok(all.every((v) => Math.abs(v) <= 1 / k));
  for (const listed of [5, 10, 50]) {
    of(listed).forEach((v, i) =>
      assert.ok(Math.abs(v - all[i]!) <= 1 / listed + 1e-12)
    );
  }
});

Deno.test("knnShapley() values the rows themselves, and those that mislead below 0", () => {
  // two groups of five; row 2 is labelled as the other group
  const neighbours = Array.from({ length: 10 }, (_, i) => {
    const first = i < 5 ? 0 : 5;
    return [1, 2, 3, 4].map((step) => first + (i - first + step) % 5);
  });
  const values = knnShapley({
    neighbours: Int32Array.from(neighbours.flat()),
    listed: 4,
    k: 3,
    labels: Int32Array.of(0, 0, 1, 0, 0, 1, 1, 1, 1, 1),
  });
  values.forEach((v, row) => assert.equal(v < 0, row === 2, `${row}: ${v}`));
});

Deno.test("knnShapley() leaves out empty places, and rows and queries without a label", () => {
  const labels = Int32Array.of(0, -1, 1);
  const values = knnShapley({
    neighbours: Int32Array.of(1, 0, 2, 0, 1, 2, -1, -1, -1),
    listed: 3,
    k: 1,
    labels,
    queryLabels: Int32Array.of(0, -1, 0),
  });
  near(values, [1, 0, 0]);
  const none = knnShapley({
    neighbours: Int32Array.of(-1),
    listed: 1,
    k: 1,
    labels,
    queryLabels: Int32Array.of(1),
  });
  assert.ok(none.every(Number.isNaN));
});

Deno.test("knnShapley() throws if there is no neighbour to vote or shapes disagree", () => {
  const inputs = {
    neighbours: new Int32Array(4),
    listed: 2,
    labels: new Int32Array(3),
  };
  assert.throws(() => knnShapley({ ...inputs, k: 0 }), {
    name: "RangeError",
    message: /k must be at least 1: current value is 0/,
  });
  assert.throws(() => knnShapley({ ...inputs, k: 1 }), {
    name: "RangeError",
    message: /2 neighbours for each of 3 queries: current value is 4/,
  });
});
