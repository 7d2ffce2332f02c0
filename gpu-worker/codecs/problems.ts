import type { RowTable } from "./row_table.ts";

/** Rows that could not be used, as the run lists them. */
export interface Problem {
  /** Part they came in. */
  readonly partId: string;
  /** First of them, within the part; null when the whole part is meant. */
  readonly row: number | null;
  /** Column; null when the whole row is meant. */
  readonly column: string | null;
  /** Sentence that names part, row, column, rule and value of the first. */
  readonly message: string;
  /** How many rows this entry stands for. */
  nRows: number;
}

const MOST_SHOWN = 60;

/** Collects problems: one entry for each part, column and rule, with the first row and a count. */
export class Problems {
  readonly #entries = new Map<string, Problem>();

  /** Notes one row, or a whole part. */
  add(
    partId: string,
    row: number | null,
    column: string | null,
    rule: string,
    value?: unknown,
    nRows = 1,
  ): void {
    const key = `${partId} ${column} ${rule}`;
    const known = this.#entries.get(key);
    if (known) {
      known.nRows += nRows;
      return;
    }
    const where = [
      `part ${partId}`,
      ...row === null ? [] : [`row ${row}`],
      ...column === null ? [] : [`column "${column}"`],
    ].join(", ");
    const shown = value === undefined
      ? ""
      : `: current value is ${show(value)}`;
    this.#entries.set(key, {
      partId,
      row,
      column,
      nRows,
      // PostgreSQL takes neither NUL nor half a character
      message: `Cannot use ${where}, as ${rule}${shown}`.replaceAll(
        "\0",
        "\ufffd",
      )
        .toWellFormed(),
    });
  }

  /** Notes every row of a part without a column that it needs; rows that could not be read with the rule that says why. */
  addWhole(
    partId: string,
    { nRows, unreadable }: RowTable,
    column: string,
    rule: string,
  ): void {
    for (const broken of unreadable) {
      this.add(partId, broken.row, null, broken.rule);
    }
    const rest = nRows - unreadable.length;
    if (rest === 0 && nRows > 0) return;
    this.add(partId, null, column, rule, undefined, rest || 1);
  }

  /** All entries, in the order they were met. */
  list(): Problem[] {
    return [...this.#entries.values()];
  }

  /** Rows they stand for. */
  get nRows(): number {
    return this.list().reduce((sum, { nRows }) => sum + nRows, 0);
  }
}

/** A value short enough to show; lists as their length. */
function show(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    return `a list of ${(value as ArrayLike<unknown>).length}`;
  }
  const text = typeof value === "string" ? `"${value}"` : jsonOf(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch { // nested deeper than the stack
    return "an object";
  }
}
