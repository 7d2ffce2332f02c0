import type { Matrix } from "../kernels/matrix.ts";
import type { SplitRange } from "./detector.ts";

/** Rows of one split, as a view of all of them. */
export function rowsOf(
  { data, cols }: Matrix,
  { start, end }: SplitRange,
): Matrix {
  return {
    data: data.subarray(start * cols, end * cols),
    rows: end - start,
    cols,
  };
}
