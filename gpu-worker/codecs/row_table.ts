/** Rows of one part, whatever their encoding. */
export interface RowTable {
  /** Number of rows. */
  readonly nRows: number;
  /** Column names. */
  readonly names: readonly string[];
  /** Value of a cell; null where it is missing. A list is an array or a typed array. */
  cell(name: string, row: number): unknown;
  /** Rows that could not be read at all, with a sentence each. */
  readonly unreadable: readonly {
    readonly row: number;
    readonly rule: string;
  }[];
}
