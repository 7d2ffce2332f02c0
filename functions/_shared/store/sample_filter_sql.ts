import { foldCase, singlePrecision } from "@shared/filter/evaluate.ts";
import { AppError } from "@shared/errors.ts";
import type {
  MetadataCondition,
  MetadataValue,
  SampleFilter,
} from "@shared/types/filter.ts";
import type { PendingQuery, Row } from "postgres";
import type { Transaction } from "./database.ts";

/** A piece of SQL with its parameters. */
export type Fragment = PendingQuery<Row[]>;

/**
 * The condition on `assay.ranked_samples v` that means the same samples as the filter. Every value travels as a parameter.
 * What needs positions or embeddings has no SQL form: those are columns in Storage.
 */
export function filterSql(sql: Transaction, filter: SampleFilter): Fragment {
  if (filter.lasso !== undefined || filter.similar_to !== undefined) {
    throw new AppError(
      "validation_failed",
      "Cannot filter the list by lasso or similar_to: evaluate them over the run's columns, and send the ids",
    );
  }
  let where = sql`true`;
  const and = (condition: Fragment) => where = sql`${where} and ${condition}`;
  const isOneOf = (
    column: Fragment,
    wanted: readonly (string | null)[] | undefined,
  ) => {
    if (wanted === undefined) return;
    const names = wanted.filter((value) => value !== null);
    and(
      sql`(${column} = any (${names}::text[]) or (${
        wanted.includes(null)
      }::bool and ${column} is null))`,
    );
  };
  isOneOf(sql`v.sample_id`, filter.ids);
  isOneOf(sql`v.split`, filter.splits);
  isOneOf(sql`v.given_label`, filter.given_labels);
  isOneOf(sql`v.predicted_label`, filter.predicted_labels);
  isOneOf(sql`v.suggested_label`, filter.suggested_labels);

  if (filter.issue_types !== undefined) {
    const types = filter.issue_types.filter((type) => type !== "clean");
    and(
      sql`(v.issue_types && ${types}::text[] or (${
        filter.issue_types.includes("clean")
      }::bool and cardinality(v.issue_types) = 0))`,
    );
  }
  for (const [name, range] of Object.entries(filter.scores ?? {})) {
    const score = sql`v.${sql(name)}`;
    const { min, max } = singlePrecision(range);
    and(sql`${score} is not null`);
    if (min !== undefined) and(sql`${score} >= ${min}::float4`);
    if (max !== undefined) and(sql`${score} <= ${max}::float4`);
  }
  if (filter.verdicts !== undefined) {
    isOneOf(
      sql`v.verdict`,
      filter.verdicts.map((verdict) => verdict === "none" ? null : verdict),
    );
  }
  for (const [name, condition] of Object.entries(filter.metadata ?? {})) {
    and(metadataSql(sql, sql`(v.metadata -> ${name}::text)`, condition));
  }
  if (filter.text !== undefined) {
    const words = foldCase(filter.text);
    // The collation folds A to Z alone, as foldCase() does, whatever the database's locale.
    and(sql`(position(${words} in lower(v.sample_id collate "C")) > 0
      or position(${words} in lower(coalesce(v.text_preview, '') collate "C")) > 0)`);
  }
  return where;
}

function metadataSql(
  sql: Transaction,
  value: Fragment,
  condition: MetadataCondition,
): Fragment {
  // CASE keeps the cast from what is no number; doubles on both sides, as JavaScript compares.
  const number =
    sql`case when jsonb_typeof(${value}) = 'number' then (${value} #>> '{}')::float8 end`;
  if (!("in" in condition)) {
    const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = condition;
    return sql`coalesce(${number} between ${min}::float8 and ${max}::float8, false)`;
  }
  const wanted: readonly MetadataValue[] = condition.in;
  return sql`(
    (jsonb_typeof(${value}) = 'string' and (${value} #>> '{}') = any (${
    wanted.filter((one) => typeof one === "string")
  }::text[]))
    or coalesce(${number} = any (${
    wanted.filter((one) => typeof one === "number")
  }::float8[]), false)
    or (jsonb_typeof(${value}) = 'boolean' and (${value} #>> '{}') = any (${
    wanted.filter((one) => typeof one === "boolean").map(String)
  }::text[]))
    or (${
    wanted.includes(null)
  }::bool and coalesce(jsonb_typeof(${value}), 'null') = 'null'))`;
}
