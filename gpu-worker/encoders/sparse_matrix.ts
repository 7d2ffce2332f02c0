/** A sparse matrix, row by row (CSR). */
export interface SparseMatrix {
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly cols: number;
  /** Where each row starts in `columns` and `values`, and where the last one ends, (rows + 1,). */
  readonly starts: Int32Array;
  /** Column of each value, each once a row, (n_values,). */
  readonly columns: Int32Array;
  /** Values, (n_values,). */
  readonly values: Float32Array;
}
