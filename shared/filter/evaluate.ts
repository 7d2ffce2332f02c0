import type {
  MetadataCondition,
  MetadataValue,
  NumberRange,
  SampleFilter,
  ScoreName,
  SimilarTo,
} from "../types/filter.ts";
import type { IssueType } from "../types/issue.ts";
import type { Split } from "../types/part.ts";
import type { VerdictKind } from "../types/verdict.ts";

/** Samples of a revision as columns of one length, in one order. A filter needs only the columns it names. */
export interface FilterColumns {
  /** Number of samples. */
  readonly length: number;
  /** Sample ids. */
  readonly ids?: ArrayLike<string>;
  /** Splits. */
  readonly splits?: ArrayLike<Split>;
  /** Names of given labels. */
  readonly givenLabels?: ArrayLike<string | null>;
  /** Names of predicted labels. */
  readonly predictedLabels?: ArrayLike<string | null>;
  /** Names of suggested labels. */
  readonly suggestedLabels?: ArrayLike<string | null>;
  /** All issue types of each sample. */
  readonly issueTypes?: ArrayLike<readonly IssueType[]>;
  /** Scores; null and NaN: none. */
  readonly scores?: Readonly<
    Partial<Record<ScoreName, ArrayLike<number | null>>>
  >;
  /** Latest verdicts; null: none. */
  readonly verdicts?: ArrayLike<VerdictKind | null>;
  /** Metadata of each sample. */
  readonly metadata?: ArrayLike<Readonly<Record<string, unknown>>>;
  /** Previews of texts. */
  readonly texts?: ArrayLike<string | null>;
  /** Positions on the map, (length, 2) row by row. */
  readonly positions?: ArrayLike<number>;
  /** Embeddings, (length, width) row by row. */
  readonly embeddings?: ArrayLike<number>;
}

type Test = (row: number) => boolean;

/**
 * Which samples a filter means. O(length) for each condition. The same answer as the SQL form gives where there is one.
 *
 * @param filter Conditions that hold all at once.
 * @param columns What the conditions look at.
 * @returns 1 for each sample that is meant, else 0, (length,).
 * @throws {RangeError} If a condition needs a column that is not given.
 *
 * @example
 * ```ts
 * import { evaluateFilter } from "./evaluate.ts";
 * import assert from "node:assert/strict";
 *
 * const mask = evaluateFilter({ text: "BUY" }, { length: 2, ids: ["a", "b"], texts: ["Buy now", null] });
 * assert.deepEqual(mask, Uint8Array.of(1, 0));
 * ```
 */
export function evaluateFilter(
  filter: SampleFilter,
  columns: FilterColumns,
): Uint8Array {
  const tests = testsOf(filter, columns);
  const mask = new Uint8Array(columns.length);
  for (let row = 0; row < columns.length; row++) {
    mask[row] = tests.every((test) => test(row)) ? 1 : 0;
  }
  return mask;
}

function testsOf(filter: SampleFilter, columns: FilterColumns): Test[] {
  const tests: Test[] = [];
  const isOneOf = <T>(
    wanted: readonly T[] | undefined,
    name: keyof FilterColumns,
  ) => {
    if (wanted === undefined) return;
    const column = need(columns[name] as ArrayLike<T> | undefined, name);
    const set = new Set(wanted);
    tests.push((row) => set.has(column[row]!));
  };
  isOneOf(filter.ids, "ids");
  isOneOf(filter.splits, "splits");
  isOneOf(filter.given_labels, "givenLabels");
  isOneOf(filter.predicted_labels, "predictedLabels");
  isOneOf(filter.suggested_labels, "suggestedLabels");

  if (filter.issue_types !== undefined) {
    const column = need(columns.issueTypes, "issueTypes");
    const wanted = new Set<string>(filter.issue_types);
    tests.push((row) => {
      const types = column[row]!;
      return types.length === 0
        ? wanted.has("clean")
        : types.some((type) => wanted.has(type));
    });
  }
  for (const [name, range] of Object.entries(filter.scores ?? {})) {
    const column = need(columns.scores?.[name as ScoreName], `scores.${name}`);
    const { min, max } = singlePrecision(range);
    tests.push((row) => isWithin(column[row] ?? null, { min, max }));
  }
  if (filter.verdicts !== undefined) {
    const column = need(columns.verdicts, "verdicts");
    const wanted = new Set<string>(filter.verdicts);
    tests.push((row) => wanted.has(column[row] ?? "none"));
  }
  for (const [name, condition] of Object.entries(filter.metadata ?? {})) {
    const column = need(columns.metadata, "metadata");
    const test = metadataTest(condition);
    tests.push((row) =>
      test(Object.hasOwn(column[row]!, name) ? column[row]![name] : null)
    );
  }
  if (filter.text !== undefined) {
    const ids = need(columns.ids, "ids");
    const texts = need(columns.texts, "texts");
    const words = foldCase(filter.text);
    tests.push((row) =>
      foldCase(ids[row]!).includes(words) ||
      foldCase(texts[row] ?? "").includes(words)
    );
  }
  if (filter.lasso !== undefined) {
    const positions = need(columns.positions, "positions");
    const polygon = filter.lasso;
    tests.push((row) =>
      isInside(positions[2 * row]!, positions[2 * row + 1]!, polygon)
    );
  }
  if (filter.similar_to !== undefined) {
    tests.push(similarityTest(filter.similar_to, columns));
  }
  return tests;
}

/**
 * Folds A to Z and nothing else: what PostgreSQL's `lower(… collate "C")` does in every database, whatever its locale.
 *
 * @param words Any text.
 * @returns The text with A to Z in lower case.
 */
export function foldCase(words: string): string {
  return words.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * A range with its ends rounded as scores are stored, so that a score shown as 0.3 is within a range that ends at 0.3.
 *
 * @param range Ends in double precision.
 * @returns Ends in single precision.
 */
export function singlePrecision(range: NumberRange): NumberRange {
  const round = (end: number | undefined) =>
    end === undefined ? undefined : Math.fround(end);
  return { min: round(range.min), max: round(range.max) };
}

function isWithin(value: number | null, { min, max }: NumberRange): boolean {
  if (value === null || Number.isNaN(value)) return false;
  const score = Math.fround(value);
  return (min === undefined || score >= min) &&
    (max === undefined || score <= max);
}

function metadataTest(
  condition: MetadataCondition,
): (value: unknown) => boolean {
  if ("in" in condition) {
    const wanted = new Set<unknown>(condition.in as readonly MetadataValue[]);
    return (value) => wanted.has(value ?? null);
  }
  const { min, max } = condition;
  return (value) =>
    typeof value === "number" && (min === undefined || value >= min) &&
    (max === undefined || value <= max);
}

/** Even-odd rule; a point on an edge may fall on either side. */
function isInside(
  x: number,
  y: number,
  polygon: readonly (readonly [number, number])[],
): boolean {
  let inside = false;
  let [fromX, fromY] = polygon.at(-1) ?? [0, 0];
  for (const [toX, toY] of polygon) {
    if (
      (fromY > y) !== (toY > y) &&
      x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX)
    ) inside = !inside;
    [fromX, fromY] = [toX, toY];
  }
  return inside;
}

function similarityTest(wanted: SimilarTo, columns: FilterColumns): Test {
  const ids = need(columns.ids, "ids");
  const splits = need(columns.splits, "splits");
  const embeddings = need(columns.embeddings, "embeddings");
  const width = embeddings.length / Math.max(1, columns.length);
  let origin = 0;
  while (
    origin < columns.length &&
    !(ids[origin] === wanted.sample_id && splits[origin] === wanted.split)
  ) origin++;
  if (origin === columns.length) return () => false;
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      sum += embeddings[a * width + i]! * embeddings[b * width + i]!;
    }
    return sum;
  };
  const norm = Math.sqrt(dot(origin, origin));
  return (row) => {
    const length = norm * Math.sqrt(dot(row, row));
    return length > 0 && dot(origin, row) / length >= wanted.min_similarity;
  };
}

function need<T>(column: T | undefined, name: string): T {
  if (column !== undefined) return column;
  throw new RangeError(
    `Cannot evaluate filter as it needs a column: "${name}" is not given`,
  );
}
