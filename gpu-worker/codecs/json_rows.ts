import { AppError } from "@shared/errors.ts";
import type { RowTable } from "./row_table.ts";

/**
 * Rows of newline-delimited JSON: an object a line. A line that is none is an unreadable row.
 *
 * @param bytes UTF-8.
 * @throws {AppError} `unusable_input` if the bytes are no UTF-8.
 */
export function decodeNdjson(bytes: Uint8Array<ArrayBuffer>): RowTable {
  const rows: (Record<string, unknown> | null)[] = [];
  const unreadable: { row: number; rule: string }[] = [];
  for (const line of textOf(bytes).split("\n")) {
    if (line.trim() === "") continue;
    let value: unknown = null;
    try {
      value = JSON.parse(line);
    } catch { /* said below */ }
    if (!isObject(value)) {
      unreadable.push({
        row: rows.length,
        rule: "a line must be a JSON object",
      });
    }
    rows.push(isObject(value) ? value : null);
  }
  return tableOf(rows, unreadable);
}

/**
 * Rows of a JSON array of objects.
 *
 * @param bytes UTF-8.
 * @throws {AppError} `unusable_input` if it is no such array.
 */
export function decodeJson(bytes: Uint8Array<ArrayBuffer>): RowTable {
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
  const unreadable = value.flatMap((entry, row) =>
    isObject(entry) ? [] : [{ row, rule: "an entry must be a JSON object" }]
  );
  return tableOf(value.map((e) => isObject(e) ? e : null), unreadable);
}

function tableOf(
  rows: readonly (Record<string, unknown> | null)[],
  unreadable: RowTable["unreadable"],
): RowTable {
  const names = new Set<string>();
  for (const row of rows) for (const name in row) names.add(name);
  return {
    nRows: rows.length,
    names: [...names],
    cell: (name, row) =>
      rows[row] && Object.hasOwn(rows[row], name)
        ? rows[row][name] ?? null
        : null,
    unreadable,
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unusable_input", "it is no UTF-8", { cause: error });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
