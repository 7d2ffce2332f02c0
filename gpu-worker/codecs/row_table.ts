/** Rows of one part, whatever their encoding. */
export interface RowTable {
  /** Number of rows. */
  readonly nRows: number;
  /** Column names. */
  readonly names: readonly string[];
  /** Names of the columns that this row may have a value in: to walk a row takes time in proportion to what it holds. */
  namesOf(row: number): readonly string[];
  /**
   * Value of a cell; null where it is missing. A list is an array or a typed array.
   *
   * @throws {AppError} `unusable_input` if it cannot be read, its message a rule it breaks.
   */
  cell(name: string, row: number): unknown;
  /** Rows that could not be read at all, with a sentence each. */
  readonly unreadable: readonly {
    readonly row: number;
    readonly rule: string;
  }[];
}
