import type { Matrix } from "../kernels/matrix.ts";
import type { FeatureView } from "./feature_view.ts";

/** Length of each part of a row. */
const PART_LENGTH = 4;
/** The view whose columns have units of their own. */
const TABLE = "columns";

/**
 * All views of samples side by side, as a probe can learn from them.
 *
 * Each view's columns are centred, those of a table (`columns`) divided by their standard deviation too; constant columns are left out. Then each part
 * of a row is scaled to length 4, so that a wide view counts no more than a narrow one. Means are over the rows that have a number there; a
 * missing number in a row that has others is the mean. A row that lacks a view is 0 in that part; one that has none at all is NaN throughout.
 * O(n * width), sums in float64; allocates only the result.
 *
 * @param splits Views of each split: the same names in the same order; a split without any has none.
 * @param rowsBySplit Rows of each split.
 * @returns Features, rows of all splits one after the other, (n, width); width 0 if no column tells two samples apart.
 * @throws {RangeError} If names, widths or rows disagree.
 *
 * @example
 * ```ts
 * import { featureMatrix } from "./feature_matrix.ts";
 * import assert from "node:assert/strict";
 *
 * const features = { data: Float32Array.of(1, 7, 3, 7), rows: 2, cols: 2 };
 * assert.deepEqual(
 *   featureMatrix([[{ name: "columns", features }]], [2]).data,
 *   Float32Array.of(-4, 4),
 * );
 * ```
 */
export function featureMatrix(
  splits: readonly (readonly FeatureView[])[],
  rowsBySplit: readonly number[],
): Matrix {
  checkViews(splits, rowsBySplit);
  const first = splits.find((views) => views.length > 0) ?? [];
  const rows = rowsBySplit.reduce((sum, n) => sum + n, 0);
  const parts = first.map(({ name, features }, v) =>
    partOf(splits.map((views) => views[v]?.features), features.cols, name)
  );
  const cols = parts.reduce((sum, part) => sum + part.columns.length, 0);
  const data = new Float32Array(rows * cols).fill(NaN);
  let row = 0;
  splits.forEach((views, s) => {
    const end = row + rowsBySplit[s]!;
    for (const start = row; row < end; row++) {
      let at = row * cols;
      let isKnown = false;
      parts.forEach((part, v) => {
        isKnown = writePart(part, views[v]?.features, row - start, data, at) ||
          isKnown;
        at += part.columns.length;
      });
      if (!isKnown) data.fill(NaN, row * cols, (row + 1) * cols);
    }
  });
  return { data, rows, cols };
}

/** One view's columns that are not constant. */
interface Part {
  readonly columns: Int32Array;
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

function partOf(
  matrices: readonly (Matrix | undefined)[],
  cols: number,
  name: string,
): Part {
  const count = new Float64Array(cols);
  const mean = new Float64Array(cols);
  const squares = new Float64Array(cols);
  for (const { data } of matrices.filter((m) => m !== undefined)) {
    for (let at = 0; at < data.length; at++) {
      const j = at % cols;
      const x = data[at]!;
      if (!Number.isFinite(x)) continue;
      const step = x - mean[j]!;
      mean[j]! += step / ++count[j]!;
      squares[j]! += step * (x - mean[j]!);
    }
  }
  const deviation = squares.map((x, j) => Math.sqrt(x / count[j]!));
  return {
    // rounding of a constant column is not spread
    columns: Int32Array.from(deviation.keys()).filter((j) =>
      deviation[j]! > 1e-7 * Math.abs(mean[j]!)
    ),
    mean,
    scale: deviation.map((x) => name === TABLE ? 1 / x : 1),
  };
}

/** Writes a row's part; false, and zeros, if the row lacks the view. */
function writePart(
  { columns, mean, scale }: Part,
  matrix: Matrix | undefined,
  row: number,
  out: Float32Array,
  at: number,
): boolean {
  out.fill(0, at, at + columns.length);
  if (!matrix) return false;
  const start = row * matrix.cols;
  let isKnown = false;
  for (let j = start; j < start + matrix.cols && !isKnown; j++) {
    isKnown = Number.isFinite(matrix.data[j]!);
  }
  let square = 0;
  for (let c = 0; c < columns.length; c++) {
    const j = columns[c]!;
    const x = (matrix.data[start + j]! - mean[j]!) * scale[j]!;
    if (!Number.isFinite(x)) continue;
    out[at + c] = x;
    square += x * x;
  }
  if (square > 0) {
    const factor = PART_LENGTH / Math.sqrt(square);
    for (let c = at; c < at + columns.length; c++) out[c]! *= factor;
  }
  return isKnown;
}

function checkViews(
  splits: readonly (readonly FeatureView[])[],
  rowsBySplit: readonly number[],
): void {
  const shape = (views: readonly FeatureView[]) =>
    views.map(({ name, features }) => `${name} (${features.cols})`).join(", ");
  const [first, ...others] = splits.filter((views) => views.length > 0);
  const other = others.find((views) => shape(views) !== shape(first!));
  if (other) {
    throw new RangeError(
      `Cannot join views as all splits must have the same ones: got ${
        shape(first!)
      } and ${shape(other)}`,
    );
  }
  splits.forEach((views, s) => {
    const wrong = views.find((v) => v.features.rows !== rowsBySplit[s]);
    if (wrong) {
      throw new RangeError(
        `Cannot join views as "${wrong.name}" must have ${
          rowsBySplit[s]
        } rows: current value is ${wrong.features.rows}`,
      );
    }
  });
}
