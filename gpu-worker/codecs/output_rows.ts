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
    problems.add(partId, null, name, rule, undefined, table.nRows || 1);
    return null;
  }
  const hasEmbedding = table.names.includes("embedding");
  const { nClasses } = rules;
  const unreadable = new Map(table.unreadable.map((u) => [u.row, u.rule]));
  const rows: number[] = [];
  const values = new Float32Array(table.nRows * nClasses);
  let width = rules.width;
  let embeddings: Float32Array<ArrayBuffer> | null = null;
  for (let row = 0; row < table.nRows; row++) {
    const refuse = (column: string | null, rule: string, value?: unknown) =>
      problems.add(partId, row, column, rule, value);
    const broken = unreadable.get(row);
    if (broken !== undefined) {
      refuse(null, broken);
      continue;
    }
    const id = idOf(table.cell("id", row));
    const sample = id === null ? undefined : rules.rowOf(id);
    if (sample === undefined) {
      refuse(
        "id",
        `it must be the id of a usable sample of split ${rules.split}`,
        table.cell("id", row),
      );
      continue;
    }
    const at = rows.length;
    const rule = copyNumbers(
      table.cell(kind, row),
      values,
      at * nClasses,
      nClasses,
      kind,
    );
    if (rule !== null) {
      refuse(kind, rule, table.cell(kind, row));
      continue;
    }
    if (hasEmbedding) {
      const vector = table.cell("embedding", row);
      if (width === 0) width = lengthOf(vector);
      embeddings ??= new Float32Array(table.nRows * width);
      const broke = width === 0
        ? "an embedding must be a list of finite numbers"
        : copyNumbers(vector, embeddings, at * width, width, "embedding");
      if (broke !== null) {
        refuse("embedding", broke, vector);
        continue;
      }
    }
    rows.push(sample);
  }
  if (rows.length === 0) return null;
  return {
    rows: Int32Array.from(rows),
    values: values.slice(0, rows.length * nClasses),
    kind,
    embeddings: embeddings?.slice(0, rows.length * width) ?? null,
    width: embeddings ? width : 0,
  };
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) || ArrayBuffer.isView(value)
    ? (value as unknown as ArrayLike<number>).length
    : 0;
}

/** Copies a list of numbers, or says the rule it breaks. */
function copyNumbers(
  value: unknown,
  to: Float32Array,
  at: number,
  length: number,
  kind: "logits" | "probs" | "embedding",
): string | null {
  if (lengthOf(value) !== length) {
    return `it must be a list of ${length} numbers`;
  }
  const list = value as ArrayLike<number>;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const x = list[i];
    if (
      typeof x !== "number" || Number.isNaN(x) || x === Infinity ||
      (x === -Infinity && kind !== "logits")
    ) {
      return kind === "logits"
        ? "each logit must be a number (-Infinity masks a class)"
        : "each number must be finite";
    }
    if (kind === "probs" && (x < 0 || x > 1 + SUM_TOLERANCE)) {
      return "each probability must be in [0, 1]";
    }
    sum += x;
    to[at + i] = x;
  }
  if (kind === "probs" && Math.abs(sum - 1) > SUM_TOLERANCE) {
    return `probabilities must sum to 1 within ${SUM_TOLERANCE}: current sum is ${
      sum.toFixed(4)
    }, of`;
  }
  if (kind === "logits" && sum === -Infinity && !list[0] && length === 1) {
    return "a logit of a single class must be finite";
  }
  return null;
}
