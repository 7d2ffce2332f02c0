import assert from "node:assert/strict";
import {
  ridgeFitGraph,
  type RidgeRows,
  ridgeSearchGraph,
  ridgeSumsGraph,
  ridgeWidth,
} from "./ridge_graphs.ts";
import { openSession } from "./session.ts";

const rows = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
const plain: RidgeRows = { width: 2, map: null };
const mapped: RidgeRows = {
  width: 2,
  map: {
    weights: { data: Float32Array.of(1, 0, 0, 0.5, 0, -1), rows: 2, cols: 3 },
    phases: Float32Array.of(0, 1, 2),
    scale: 4,
  },
};
const x = { // (2, p)
  plain: [[1, 2, 1], [3, 4, 1]],
  mapped: [1, 3].map((a, i) => {
    const b = [2, 4][i]!;
    const angles = [a + b / 2, 1, 2 - b];
    return [...angles.map((angle) => 4 * Math.cos(angle)), 1];
  }),
};

function close(found: ArrayLike<unknown>, expected: number[][]): void {
  assert.equal(found.length, expected.flat().length);
  expected.flat().forEach((value, i) =>
    assert.ok(Math.abs(Number(found[i]) - value) < 1e-4, `${i}: ${found[i]}`)
  );
}
const transposed = (a: number[][]) => a[0]!.map((_, j) => a.map((r) => r[j]!));
const times = (a: number[][], b: number[][]) =>
  a.map((row) =>
    transposed(b).map((column) =>
      row.reduce((sum, v, j) => sum + v * column[j]!, 0)
    )
  );
const matrix = (a: number[][]) => ({
  data: Float32Array.from(a.flat()),
  rows: a.length,
  cols: a[0]!.length,
});

for (const [name, spec] of Object.entries({ plain, mapped })) {
  const columns = x[name as keyof typeof x];
  const p = columns[0]!.length;

  Deno.test(`ridgeSumsGraph() gives products of the columns: ${name}`, async () => {
    assert.equal(ridgeWidth(spec), p);
    const session = await openSession(ridgeSumsGraph(spec, 2));
    const given = { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] };
    const { gram, moment } = await session.run({ rows, given });
    await session.release();
    close(gram!.data, times(transposed(columns), columns));
    close(moment!.data, times(transposed(columns), [[0, 1], [1, 0]]));
  });

  Deno.test(`ridgeSearchGraph() gives leverages and fits on turned columns: ${name}`, async () => {
    const table = (cols: number) =>
      Array.from(
        { length: p },
        (_, i) =>
          Array.from({ length: cols }, (_, j) => (i * 5 + j * 3) % 7 / 4),
      );
    const [axes, shrink, weights] = [table(p), table(3), table(4)];
    const session = await openSession(
      ridgeSearchGraph(spec, matrix(axes), matrix(shrink), matrix(weights)),
    );
    const { leverage, fitted } = await session.run({ rows });
    await session.release();
    const turned = times(columns, transposed(axes));
    const squares = turned.map((row) => row.map((v) => v * v));
    close(leverage!.data, times(squares, shrink));
    close(fitted!.data, times(turned, weights));
  });

  Deno.test(`ridgeFitGraph() gives fits on the columns: ${name}`, async () => {
    const weights = columns[0]!.map((_, i) => [i / 4, 1 - i]);
    const session = await openSession(ridgeFitGraph(spec, matrix(weights)));
    const { fitted } = await session.run({ rows });
    await session.release();
    close(fitted!.data, times(columns, weights));
  });
}
