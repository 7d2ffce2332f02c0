// deno-lint-ignore-file camelcase
import {
  columnFromArray,
  type DataType,
  dictionary,
  float32,
  int32,
  int64,
  list,
  tableFromColumns,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import type { ExportRow } from "../store/export_store.ts";

type ColumnTypes = Readonly<Record<string, () => DataType>>;

const label = () => dictionary(utf8());

/** Columns of `labels/<dataset_version_id>.arrow`. */
export const LABEL_COLUMNS: ColumnTypes = {
  sample_key: int64,
  split: label,
  given_label: int32,
};

/** Columns of `results/<run_id>/samples.arrow`. */
export const RESULT_COLUMNS: ColumnTypes = {
  sample_key: int64,
  split: label,
  rank: int32,
  given_label: int32,
  predicted_label: int32,
  suggested_label: int32,
  issue_type: label,
  issue_types: () => list(utf8()),
  reason: utf8,
  mislabeled_score: float32,
  mislabeled_probability: float32,
  data_error_potential: float32,
  outlier_score: float32,
  hardness: float32,
  confidence: float32,
  variability: float32,
  area_under_margin: float32,
  forgetting_events: int32,
  first_learned_epoch: int32,
};

/**
 * Rows as an Arrow IPC file, nulls kept.
 *
 * @param rows Rows of the database; a 64-bit key is text in them.
 * @param columns Names and types, in order.
 */
export function arrowFile(
  rows: readonly ExportRow[],
  columns: ColumnTypes,
): Uint8Array<ArrayBuffer> {
  const table = tableFromColumns(
    Object.entries(columns).map(([name, type]) => {
      const values = rows.map((row) =>
        type === int64 ? BigInt(row[name] as string) : row[name] ?? null
      );
      return [name, columnFromArray(values as never, type() as never)];
    }) as never,
  );
  return tableToIPC(table, { format: "file" }) as Uint8Array<ArrayBuffer>;
}

/** Rows as text, one JSON object a line. */
export function ndjson(rows: readonly object[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    rows.map((row) => JSON.stringify(row) + "\n").join(""),
  );
}
