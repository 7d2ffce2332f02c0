/** A dense matrix in row-major order. */
export interface Matrix {
  /** Values, (rows * cols,). */
  readonly data: Float32Array;
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly cols: number;
}
