import { AppError } from "@shared/errors.ts";
import type { Problems } from "./problems.ts";
import type { RowTable } from "./row_table.ts";
import { idOf } from "./sample_row.ts";

/** Usable outputs of one part. */
export interface OutputRows {
  /** Sample of each row, (b,). */
  readonly rows: Int32Array<ArrayBuffer>;
  /** Logits or probabilities, (b, n_classes). */
  readonly values: Float32Array<ArrayBuffer>;
  /** What `values` are. */
  readonly kind: "logits" | "probs";
  /** Embeddings, (b, width); null where the part has none. */
  readonly embeddings: Float32Array<ArrayBuffer> | null;
  /** Their width; 0 without. */
  readonly width: number;
}

/** What an outputs part is checked against. */
export interface OutputRules {
  /** Row of a sample by its id; undefined where the split has no such sample. */
  readonly rowOf: (id: string) => number | undefined;
  /** Number of classes. */
  readonly nClasses: number;
  /** Split, to name in problems. */
  readonly split: string;
  /** Width of embeddings met before; 0: none yet. */
  readonly width: number;
}

/** How far a row of probabilities may be from summing to one. */
const SUM_TOLERANCE = 0.02;

/** Most numbers of an embedding; every sample of a split gets one as wide. */
const MOST_WIDTH = 65_536;

/**
 * Usable outputs of a part; the rest goes to `problems`.
 *
 * @param table Rows of the part.
 * @param partId To name in problems.
 * @param rules What a row must satisfy.
 * @param problems Where unusable rows are noted.
 * @returns Null if the part has no usable row.
 */
export function outputRows(
  table: RowTable,
  partId: string,
  rules: OutputRules,
  problems: Problems,
): OutputRows | null {
  const kind = table.names.includes("logits") ? "logits" : "probs";
  for (const name of ["id", kind]) {
    if (table.names.includes(name)) continue;
    const rule = name === "id"
      ? "an outputs part needs it"
      : "an outputs part needs logits or probs";
    problems.addWhole(partId, table, name, rule);
    return null;
  }
  const hasEmbedding = table.names.includes("embedding");
  const { nClasses } = rules;
  const unreadable = new Map(table.unreadable.map((u) => [u.row, u.rule]));
  const rows: number[] = [];
  const values = new RowBuffer(nClasses);
  let width = rules.width;
  let embeddings: RowBuffer | null = null;
  for (let row = 0; row < table.nRows; row++) {
    const refuse = (column: string | null, rule: string, value?: unknown) =>
      problems.add(partId, row, column, rule, value);
    const cells = unreadable.get(row) ??
      cellsOf(table, row, kind, hasEmbedding);
    if (typeof cells === "string") {
      refuse(null, cells);
      continue;
    }
    const { given, vector } = cells;
    const id = idOf(cells.id);
    const sample = id === null ? undefined : rules.rowOf(id);
    if (sample === undefined) {
      refuse(
        "id",
        `it must be the id of a usable sample of split ${rules.split}`,
        cells.id,
      );
      continue;
    }
    const at = rows.length;
    const broke = copyNumbers(given, values, at, kind);
    if (broke !== null) {
      refuse(kind, broke.rule, broke.value ?? given);
      continue;
    }
    if (vector !== null) {
      const length = lengthOf(vector);
      if (width === 0 && (length === 0 || length > MOST_WIDTH)) {
        refuse(
          "embedding",
          `an embedding must be a list of 1 to ${MOST_WIDTH} finite numbers`,
          vector,
        );
        continue;
      }
      if (width === 0) width = length;
      embeddings ??= new RowBuffer(width);
      const broke = copyNumbers(vector, embeddings, at, "embedding");
      if (broke !== null) {
        embeddings.clear(at);
        refuse("embedding", broke.rule, broke.value ?? vector);
        continue;
      }
    }
    rows.push(sample);
  }
  if (rows.length === 0) return null;
  return {
    rows: Int32Array.from(rows),
    values: values.first(rows.length),
    kind,
    embeddings: embeddings?.first(rows.length) ?? null,
    width: embeddings ? width : 0,
  };
}

/** Cells of a row, or the rule that one which cannot be read breaks. */
function cellsOf(
  table: RowTable,
  row: number,
  kind: string,
  hasEmbedding: boolean,
): { id: unknown; given: unknown; vector: unknown } | string {
  try {
    return {
      id: table.cell("id", row),
      given: table.cell(kind, row),
      vector: hasEmbedding ? table.cell("embedding", row) : null,
    };
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Rows of numbers, NaN until written; grows with what is written, not with what a part claims to hold. */
class RowBuffer {
  readonly width: number;
  #data: Float32Array<ArrayBuffer>;

  constructor(width: number) {
    this.width = width;
    this.#data = new Float32Array(64 * width).fill(NaN);
  }

  /** Place of one row. */
  row(at: number): Float32Array<ArrayBuffer> {
    const end = (at + 1) * this.width;
    this.#grow(end);
    return this.#data.subarray(end - this.width, end);
  }

  clear(at: number): void {
    this.row(at).fill(NaN);
  }

  /** The first `n` rows. */
  first(n: number): Float32Array<ArrayBuffer> {
    this.#grow(n * this.width);
    return this.#data.slice(0, n * this.width);
  }

  #grow(size: number): void {
    if (size <= this.#data.length) return;
    const larger = new Float32Array(Math.max(size, 2 * this.#data.length));
    larger.set(this.#data);
    larger.fill(NaN, this.#data.length);
    this.#data = larger;
  }
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as unknown as ArrayLike<number>).length
    : 0;
}

/** Copies a list of numbers into a row, or says the rule it breaks, with a value to show instead of the list. */
function copyNumbers(
  value: unknown,
  to: RowBuffer,
  at: number,
  kind: "logits" | "probs" | "embedding",
): { rule: string; value?: unknown } | null {
  const { width } = to;
  if (lengthOf(value) !== width) {
    return { rule: `it must be a list of ${width} numbers` };
  }
  const list = value as ArrayLike<number>;
  const row = to.row(at);
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const x = list[i];
    if (
      typeof x !== "number" || Number.isNaN(x) || x === Infinity ||
      (x === -Infinity && kind !== "logits")
    ) {
      return {
        rule: kind === "logits"
          ? "each logit must be a number (-Infinity masks a class)"
          : "each number must be finite",
      };
    }
    if (kind === "probs" && (x < 0 || x > 1 + SUM_TOLERANCE)) {
      return { rule: "each probability must be in [0, 1]", value: x };
    }
    sum += x;
    row[i] = x;
  }
  if (kind === "probs" && Math.abs(sum - 1) > SUM_TOLERANCE) {
    return {
      rule: `probabilities must sum to 1 within ${SUM_TOLERANCE}`,
      value: Number(sum.toFixed(4)),
    };
  }
  if (kind === "logits" && sum === -Infinity && width === 1) {
    return { rule: "a logit of a single class must be finite" };
  }
  return null;
}
