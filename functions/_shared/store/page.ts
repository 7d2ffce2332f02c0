import { AppError } from "@shared/errors.ts";
import type { Page } from "@shared/types/page.ts";

/** Where a page ended: values of the columns that the list is sorted by. */
export type CursorValue = string | number | null;

/** A cursor that tells callers nothing. */
export function encodeCursor(values: readonly CursorValue[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(values));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The values of a cursor.
 *
 * @param cursor What the caller gave back.
 * @param types What each value must be: a type of JavaScript, or `number?` for a number or null.
 * @throws {AppError} `validation_failed` if it is none of this list's cursors.
 */
export function decodeCursor(
  cursor: string | null,
  types: readonly ("string" | "number" | "number?")[],
): CursorValue[] | null {
  if (cursor === null) return null;
  try {
    const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const values = JSON.parse(
      new TextDecoder().decode(
        Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      ),
    ) as CursorValue[];
    const fits = Array.isArray(values) && values.length === types.length &&
      types.every((type, i) =>
        typeof values[i] === type.replace("?", "") ||
        (type.endsWith("?") && values[i] === null)
      ) && !JSON.stringify(values).includes("\\u0000");
    if (fits) return values;
  } catch { /* said below */ }
  throw new AppError(
    "validation_failed",
    "Cannot read cursor: pass next_cursor of the page before, unchanged",
  );
}

/** A page of rows that were read one further than asked, to know whether there are more. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  cursorOf: (row: R) => readonly CursorValue[],
  toRow: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  return {
    rows: shown.map(toRow),
    next_cursor: rows.length > limit
      ? encodeCursor(cursorOf(shown.at(-1)!))
      : null,
  };
}
