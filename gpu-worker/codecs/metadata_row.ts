import type { RowTable } from "./row_table.ts";

/** Columns of a samples part that are no metadata. */
const CONTENT: ReadonlySet<string> = new Set([
  "id",
  "label",
  "text",
  "image",
  "features",
]);
const MOST_LENGTH = 16_384;
const MOST_DEPTH = 20;
const TOO_DEEP =
  `metadata must be nested at most ${MOST_DEPTH} levels deep` as const;
const TOO_LONG =
  `metadata must be at most ${MOST_LENGTH} characters of JSON` as const;
const AMBIGUOUS =
  "metadata must have names that differ in more than NUL and halves of characters";

/**
 * What a row holds beside its content, as a JSON column can hold it.
 *
 * @param table Rows of the part.
 * @param row Which.
 * @returns The metadata, or the rule it breaks.
 */
export function metadataOf(
  table: RowTable,
  row: number,
): Record<string, unknown> | string {
  const found: [string, unknown][] = [];
  const seen = new Set<string>();
  try {
    for (const name of table.namesOf(row)) {
      if (CONTENT.has(name)) continue;
      const value = plain(table.cell(name, row), MOST_DEPTH);
      if (value === null) continue;
      const clean = cleanText(name);
      if (seen.has(clean)) return AMBIGUOUS;
      seen.add(clean);
      found.push([clean, value]);
    }
  } catch (error) {
    if (error instanceof Unfit) return error.message;
    throw error;
  }
  const metadata = Object.fromEntries(found); // also a column named "__proto__" is one
  return JSON.stringify(metadata).length > MOST_LENGTH ? TOO_LONG : metadata;
}

class Unfit extends Error {}

/** A value as JSON: what JSON has no word for, such as NaN and bytes, is null. Looks at no more of it than may stay. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") {
    if (value.length > MOST_LENGTH) throw new Unfit(TOO_LONG);
    return cleanText(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return null;
  if (depth === 0) throw new Unfit(TOO_DEEP);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = value as unknown as ArrayLike<unknown>;
    if (list.length > MOST_LENGTH) throw new Unfit(TOO_LONG);
    return Array.from(list, (inner) => plain(inner, depth - 1));
  }
  const names = Object.keys(value);
  if (names.length > MOST_LENGTH) throw new Unfit(TOO_LONG);
  return Object.fromEntries(
    names.map((name) => [
      cleanText(name),
      plain((value as Record<string, unknown>)[name], depth - 1),
    ]),
  );
}

/** Text that PostgreSQL takes: without NUL and halves of characters. */
function cleanText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
