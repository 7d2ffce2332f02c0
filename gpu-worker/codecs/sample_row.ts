import { createHash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import { metadataOf } from "./metadata_row.ts";
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

const MOST_ID_BYTES = 1024;
/** A dictionary can repeat one long text or image in every row: what is hashed is bounded too. */
const MOST_CONTENT = 512 * 1024 ** 2;

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
  const unreadable = new Map(table.unreadable.map((u) => [u.row, u.rule]));
  if (!table.names.includes("id")) {
    return problems.addWhole(partId, table, "id", "a samples part needs it");
  }
  const read = { texts: 0, images: 0 };
  for (let row = 0; row < table.nRows; row++) {
    const rule = unreadable.get(row);
    const found = rule === undefined
      ? sampleAt(table, row, rules, indexOf, read)
      : { column: null, rule };
    if ("rule" in found) {
      problems.add(partId, row, found.column, found.rule, found.value);
    } else yield found;
  }
}

/** Why a row cannot be used. */
interface Refusal {
  readonly column: string | null;
  readonly rule: string;
  readonly value?: unknown;
}

/** The sample of a row, or the rule it breaks; `read` counts what was read of the part. */
function sampleAt(
  table: RowTable,
  row: number,
  { labelNames, checkMetadata }: SampleRules,
  indexOf: ReadonlyMap<string, number>,
  read: { texts: number; images: number },
): SampleRow | Refusal {
  try {
    const givenId = table.cell("id", row);
    const id = idOf(givenId);
    if (id === null) {
      return {
        column: "id",
        rule:
          `an id must be a string or an integer of at most ${MOST_ID_BYTES} bytes`,
        value: givenId,
      };
    }
    const given = table.cell("label", row);
    const label = labelOf(given, indexOf, labelNames.length);
    if (label === null) {
      return {
        column: "label",
        rule:
          `a label must be null, one of the run's ${labelNames.length} label names, or an index into them`,
        value: given,
      };
    }
    const content = sampleContent(table, row);
    if ("rule" in content) return content;
    read.texts += content.text?.length ?? 0;
    read.images += content.image?.length ?? 0;
    for (const what of ["texts", "images"] as const) {
      if (read[what] <= MOST_CONTENT) continue;
      const unit = what === "texts" ? "characters" : "bytes";
      return {
        column: what === "texts" ? "text" : "image",
        rule:
          `${what} of a part must have at most ${MOST_CONTENT} ${unit} together`,
      };
    }
    const metadata = metadataOf(table, row);
    if (typeof metadata === "string") return { column: null, rule: metadata };
    const broken = checkMetadata?.(metadata) ?? null;
    if (broken !== null) return { column: null, rule: broken };
    return { row, id, label, metadata, ...content, ...hashOf(id, content) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { column: null, rule: error.message }; // a cell that cannot be read
  }
}

/** An id as text; null if it is none. */
export function idOf(value: unknown): string | null {
  const isWhole = typeof value === "bigint" ||
    (typeof value === "number" && Number.isSafeInteger(value));
  const id = isWhole ? String(value) : value;
  if (typeof id !== "string" || id === "") return null;
  if (id.length > MOST_ID_BYTES) return null; // first: it may be very long
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
