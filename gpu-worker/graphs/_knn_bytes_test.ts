import assert from "node:assert/strict";
import { byteRows } from "./_knn_bytes.ts";
import { meanRow, type SearchRows, searchRows } from "./_knn_rows.ts";
import { BYTE_ZERO } from "./_knn_turn.ts";
import { clusteredMatrix, randomMatrix } from "./_testing.ts";

const METRICS = ["cosine", "euclidean"] as const;

for (const metric of METRICS) {
  Deno.test(`byteRows() have products that grow as scores do (${metric})`, async () => {
    // lengths of all sizes: ends need several digits
    const base = clusteredMatrix(700, 20, 10, 0.5, 2);
    for (let i = 0; i < base.data.length; i++) {
      base.data[i]! *= 1 + Math.floor(i / 20) % 5;
    }
    const points = rowsOf(base, metric);
    const queries = rowsOf(randomMatrix(30, 20, 3), metric);
    for (const asked of [points, queries]) {
      const bytes = await byteRows({
        queries: asked,
        points,
        width: 1,
        metric,
      });
      assert.ok(bytes.base.every((piece) => piece.every((b) => b <= 64)));
      assert.ok(bytes.base.every((piece) => piece.every((b) => b >= -64)));
      for (let i = 0; i < 30; i++) {
        const products: number[] = [];
        const scores: number[] = [];
        for (let row = 0; row < 700; row++) {
          let product = 0;
          for (let j = 0; j < bytes.cols; j++) {
            product += (bytes.queries[i * bytes.cols + j]! - BYTE_ZERO) *
              bytes.base[0]![j * 700 + row]!;
          }
          products.push(product);
          scores.push(scoreOf(asked, i, points, row, metric));
        }
        const r = correlation(products, scores);
        assert.ok(r > 0.998, `${r}`);
      }
    }
  });
}

function rowsOf(
  matrix: Parameters<typeof meanRow>[0],
  metric: typeof METRICS[number],
): SearchRows {
  return searchRows(matrix, metric === "cosine" ? null : meanRow(matrix));
}

function scoreOf(
  queries: SearchRows,
  query: number,
  points: SearchRows,
  row: number,
  metric: typeof METRICS[number],
): number {
  const { cols } = points;
  const width = metric === "cosine" ? cols : cols - 1;
  let score = metric === "cosine" ? 0 : points.data[(row + 1) * cols - 1]!;
  for (let j = 0; j < width; j++) {
    score += queries.data[query * cols + j]! * points.data[row * cols + j]!;
  }
  return score;
}

function correlation(a: number[], b: number[]): number {
  const mean = (x: number[]) => x.reduce((s, v) => s + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const along = (x: number[], mx: number, y: number[], my: number) =>
    x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0);
  return along(a, ma, b, mb) /
    Math.sqrt(along(a, ma, a, ma) * along(b, mb, b, mb));
}
