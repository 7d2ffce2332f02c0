import { AppError } from "@shared/errors.ts";
import { MOST_ROWS } from "./arrow_layout.ts";
import type { RowTable } from "./row_table.ts";

/** What JSON says in 3 bytes can take 60 in memory: of a line or an array no more is decoded at once. */
const MOST_DECODED_BYTES = 32 * 1024 ** 2;
const NEWLINE = 10;
const LAST_ASCII_SPACE = 32;

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows of newline-delimited JSON: an object a line. A line that is none is an unreadable row. Rows are decoded when they are asked for, one in
 * memory at a time.
 *
 * @param bytes UTF-8.
 * @throws {AppError} `unusable_input` if there are too many rows.
 */
export function decodeNdjson(bytes: Uint8Array<ArrayBuffer>): RowTable {
  const lines = linesOf(bytes);
  const nRows = lines.length / 2;
  const names = new Set<string>();
  const unreadable: { row: number; rule: string }[] = [];
  const decode = (row: number): Row | string => {
    const line = bytes.subarray(lines[2 * row]!, lines[2 * row + 1]!);
    if (line.length > MOST_DECODED_BYTES) {
      return `a line must have at most ${MOST_DECODED_BYTES} bytes`;
    }
    let value: unknown = null;
    try {
      value = JSON.parse(textOf(line));
    } catch (error) {
      if (error instanceof AppError) return "a line must be UTF-8";
    }
    return isObject(value) ? value : "a line must be a JSON object";
  };
  for (let row = 0; row < nRows; row++) {
    const found = decode(row);
    if (typeof found === "string") unreadable.push({ row, rule: found });
    else for (const name of Object.keys(found)) names.add(name);
  }
  let last = -1;
  let held: Row = {};
  return tableOf(nRows, [...names], unreadable, (row) => {
    if (row === last) return held;
    const found = decode(row);
    last = row;
    return held = typeof found === "string" ? {} : found;
  });
}

/**
 * Rows of a JSON array of objects.
 *
 * @param bytes UTF-8.
 * @throws {AppError} `unusable_input` if it is no such array, or too large a one.
 */
export function decodeJson(bytes: Uint8Array<ArrayBuffer>): RowTable {
  if (bytes.length > MOST_DECODED_BYTES) {
    throw new AppError(
      "unusable_input",
      `a JSON array must have at most ${MOST_DECODED_BYTES} bytes when unpacked: send an object a line (application/x-ndjson), or Arrow`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("unusable_input", "it is no JSON", { cause: error });
  }
  if (!Array.isArray(value)) {
    throw new AppError("unusable_input", "it must be a JSON array of objects");
  }
  const rows: readonly unknown[] = value;
  if (rows.length > MOST_ROWS) throw tooManyRows();
  const names = new Set<string>();
  const unreadable: { row: number; rule: string }[] = [];
  rows.forEach((entry, row) => {
    if (isObject(entry)) {
      for (const name of Object.keys(entry)) names.add(name);
    } else unreadable.push({ row, rule: "an entry must be a JSON object" });
  });
  return tableOf(rows.length, [...names], unreadable, (row) => {
    const entry = rows[row];
    return isObject(entry) ? entry : {};
  });
}

function tableOf(
  nRows: number,
  names: readonly string[],
  unreadable: RowTable["unreadable"],
  rowAt: (row: number) => Row,
): RowTable {
  return {
    nRows,
    names,
    unreadable,
    namesOf: (row) => Object.keys(rowAt(row)),
    cell: (name, row) => {
      const found = rowAt(row);
      return Object.hasOwn(found, name) ? found[name] ?? null : null;
    },
  };
}

/** Start and end of each line that is not blank, one after the other. */
function linesOf(bytes: Uint8Array): number[] {
  const lines: number[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    let at = start;
    while (at < end && bytes[at]! <= LAST_ASCII_SPACE) at++;
    if (at < end) {
      if (lines.length === 2 * MOST_ROWS) throw tooManyRows();
      lines.push(at, end);
    }
    start = end + 1;
  }
  return lines;
}

function tooManyRows(): AppError {
  return new AppError(
    "unusable_input",
    `it must have at most ${MOST_ROWS} rows: send it as several parts`,
  );
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unusable_input", "it is no UTF-8", { cause: error });
  }
}

function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
