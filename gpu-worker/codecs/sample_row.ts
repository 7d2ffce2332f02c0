import { createHash } from "node:crypto";
import type { Problems } from "./problems.ts";
import type { RowTable } from "./row_table.ts";
import { type SampleContent, sampleContent } from "./sample_content.ts";

/** One sample as logged. */
export interface SampleRow extends SampleContent {
  /** Its row in the part. */
  readonly row: number;
  /** The caller's id, as text. */
  readonly id: string;
  /** Index into the run's label names; -1 where unlabelled. */
  readonly label: number;
  /** Its other columns. */
  readonly metadata: Record<string, unknown>;
  /** SHA-256 of what it holds: text, image, features; of its id where it holds nothing. */
  readonly contentHash: Uint8Array;
  /** Whether it holds anything but its id. */
  readonly hasContent: boolean;
}

const CONTENT = ["id", "label", "text", "image", "features"];
const MOST_ID_BYTES = 1024;
const MOST_METADATA_BYTES = 16_384;
const MOST_METADATA_DEPTH = 20;
const TOO_DEEP = Symbol();
/** A dictionary can repeat one long text in every row: what is hashed is bounded too. */
const MOST_TEXT_LENGTH = 512 * 1024 ** 2;

/** What a samples part is checked against. */
export interface SampleRules {
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** Check of a row's metadata: null, or a sentence that names column and rule; null: anything goes. */
  readonly checkMetadata: ((metadata: unknown) => string | null) | null;
}

/**
 * Usable samples of a part, in its order; the rest goes to `problems`.
 *
 * @param table Rows of the part.
 * @param partId To name in problems.
 * @param rules What a row must satisfy.
 * @param problems Where unusable rows are noted.
 */
export function* sampleRows(
  table: RowTable,
  partId: string,
  rules: SampleRules,
  problems: Problems,
): Generator<SampleRow> {
  const indexOf = new Map(rules.labelNames.map((name, i) => [name, i]));
  const metadataNames = table.names.filter((name) => !CONTENT.includes(name));
  const unreadable = new Map(table.unreadable.map((u) => [u.row, u.rule]));
  if (!table.names.includes("id")) {
    return problems.add(
      partId,
      null,
      "id",
      "a samples part needs it",
      undefined,
      table.nRows || 1,
    );
  }
  let textLength = 0;
  for (let row = 0; row < table.nRows; row++) {
    const refuse = (column: string | null, rule: string, value?: unknown) =>
      problems.add(partId, row, column, rule, value);
    const broken = unreadable.get(row);
    if (broken !== undefined) {
      refuse(null, broken);
      continue;
    }
    const id = idOf(table.cell("id", row));
    if (id === null) {
      refuse(
        "id",
        `an id must be a string or an integer of at most ${MOST_ID_BYTES} bytes`,
        table.cell("id", row),
      );
      continue;
    }
    const given = table.cell("label", row);
    const label = labelOf(given, indexOf, rules.labelNames.length);
    if (label === null) {
      refuse(
        "label",
        `a label must be null, one of the run's ${rules.labelNames.length} label names, or an index into them`,
        given,
      );
      continue;
    }
    const content = sampleContent(table, row);
    if ("rule" in content) {
      refuse(content.column, content.rule, content.value);
      continue;
    }
    textLength += content.text?.length ?? 0;
    if (textLength > MOST_TEXT_LENGTH) {
      refuse(
        "text",
        `texts of a part must have at most ${MOST_TEXT_LENGTH} characters together`,
      );
      continue;
    }
    const metadata: Record<string, unknown> = {};
    let isTooDeep = false;
    for (const name of metadataNames) {
      const value = plain(table.cell(name, row), MOST_METADATA_DEPTH);
      if (value === TOO_DEEP) isTooDeep = true;
      else if (value !== null) metadata[cleanText(name)] = value;
    }
    if (isTooDeep) {
      refuse(
        null,
        `metadata must be nested at most ${MOST_METADATA_DEPTH} levels deep`,
      );
      continue;
    }
    if (JSON.stringify(metadata).length > MOST_METADATA_BYTES) {
      refuse(
        null,
        `metadata must be at most ${MOST_METADATA_BYTES} characters of JSON`,
      );
      continue;
    }
    const broke = rules.checkMetadata?.(metadata) ?? null;
    if (broke !== null) {
      refuse(null, broke);
      continue;
    }
    yield { row, id, label, metadata, ...content, ...hashOf(id, content) };
  }
}

/** An id as text; null if it is none. */
export function idOf(value: unknown): string | null {
  const isWhole = typeof value === "bigint" ||
    (typeof value === "number" && Number.isSafeInteger(value));
  const id = isWhole ? String(value) : value;
  if (typeof id !== "string" || id === "") return null;
  if (id.includes("\0") || !id.isWellFormed()) return null;
  if (id.length * 3 <= MOST_ID_BYTES) return id;
  return new TextEncoder().encode(id).length <= MOST_ID_BYTES ? id : null;
}

function labelOf(
  value: unknown,
  indexOf: ReadonlyMap<string, number>,
  nClasses: number,
): number | null {
  if (value === null) return -1;
  if (typeof value === "string") return indexOf.get(value) ?? null;
  const index = typeof value === "bigint" ? Number(value) : value;
  return typeof index === "number" && Number.isInteger(index) && index >= 0 &&
      index < nClasses
    ? index
    : null;
}

function hashOf(
  id: string,
  { text, image, features }: SampleContent,
): { contentHash: Uint8Array; hasContent: boolean } {
  const hash = createHash("sha256");
  if (text !== null) hash.update("text\0").update(text);
  if (image !== null) hash.update("\0image\0").update(image);
  if (features !== null) {
    hash.update("\0features\0").update(new Uint8Array(features.buffer));
  }
  const hasContent = text !== null || image !== null || features !== null;
  if (!hasContent) hash.update("id\0").update(id);
  return { contentHash: new Uint8Array(hash.digest()), hasContent };
}

/** A metadata value as a JSON column can hold it; `TOO_DEEP` if it is nested deeper than `depth`. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return null;
  if (depth === 0) return TOO_DEEP;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = Array.from(
      value as unknown as ArrayLike<unknown>,
      (v) => plain(v, depth - 1),
    );
    return list.includes(TOO_DEEP) ? TOO_DEEP : list;
  }
  const found: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const kept = plain(inner, depth - 1);
    if (kept === TOO_DEEP) return TOO_DEEP;
    found.push([cleanText(name), kept]);
  }
  return Object.fromEntries(found);
}

/** Text that PostgreSQL takes: without NUL and halves of characters. */
function cleanText(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
