import { AppError } from "@shared/errors.ts";
import type {
  ManifestEntry,
  PartKind,
  PredictionKind,
  Split,
} from "@shared/types/part.ts";
import type { Sql } from "postgres";

/** A run as its training described it. */
export interface RunRow {
  /** The run. */
  readonly runId: string;
  /** Its project. */
  readonly projectId: string;
  /** Its dataset. */
  readonly datasetId: string;
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** JSON Schema of metadata; null: anything goes. */
  readonly metadataSchema: Record<string, unknown> | null;
}

/** One upload that counts. */
export interface PartRow {
  readonly partId: string;
  readonly partKind: PartKind;
  readonly split: Split;
  readonly epoch: number;
  readonly predictionKind: PredictionKind | null;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly storagePath: string;
  readonly sizeBytes: number;
  /** Of its bytes, as they were received or announced. */
  readonly sha256: Uint8Array;
  /** Which process of the training sent it. */
  readonly writer: string;
  /** Rows that its writer says to have sent of this kind, split and epoch in all; null where it said nothing. */
  readonly announcedRows: number | null;
}

/** Runs and their parts. */
export interface RunStore {
  /** The run. Throws `not_found` if it was deleted. */
  run(runId: string): Promise<RunRow>;
  /** Parts that count, in the order they are to be read: by kind, split, epoch, writer, position. */
  parts(runId: string): Promise<PartRow[]>;
}

/** Runs in PostgreSQL. */
export function createRunStore(sql: Sql): RunStore {
  return {
    async run(runId) {
      const [row] = await sql`select * from assay.runs where id = ${runId}`;
      if (!row) {
        throw new AppError(
          "not_found",
          `Cannot score run "${runId}": it was deleted`,
        );
      }
      if (row.parts_expired_at !== null) {
        throw new AppError(
          "unusable_input",
          `Cannot score run "${runId}": its uploads were removed, as its project keeps them for a limited time`,
        );
      }
      return {
        runId,
        projectId: row.project_id,
        datasetId: row.dataset_id,
        labelNames: row.label_names,
        metadataSchema: row.metadata_schema,
      };
    },

    async parts(runId) {
      // Of the outputs of one (writer, split, epoch) the highest generation counts that its writer has finished with, whatever arrived late.
      // A sample counts whichever of them logged it: who resumes logs no more than what it meets again.
      const rows = await sql`
        with counted as (
          select p.*, max(p.generation) over (
            partition by p.writer, p.part_kind, p.split, p.inference_name, p.epoch) as newest
          from assay.parts p
          left join assay.writers w on w.run_id = p.run_id and w.writer = p.writer
          where p.run_id = ${runId} and p.split <> 'inference'
            and (w.generation is null or p.generation <= w.generation)
        )
        select * from counted where generation = newest or part_kind = 'samples'
        order by part_kind desc, split, epoch, writer collate "C", generation desc, seq`;
      const announced = await announcedRows(sql, runId);
      return rows.map((row) => ({
        partId: row.id,
        partKind: row.part_kind,
        split: row.split,
        epoch: row.epoch,
        predictionKind: row.prediction_kind,
        contentType: row.content_type,
        contentEncoding: row.content_encoding,
        storagePath: row.storage_path,
        sizeBytes: Number(row.size_bytes),
        sha256: row.sha256,
        writer: row.writer,
        announcedRows: announced.get(placeOf(row)) ?? null,
      }));
    },
  };
}

/** Rows by {@linkcode placeOf}, of writers that finished and did not give up. */
async function announcedRows(
  sql: Sql,
  runId: string,
): Promise<Map<string, number>> {
  const writers = await sql`
    select w.writer, w.generation, w.manifest from assay.writers w
    where w.run_id = ${runId} and w.manifest is not null and not w.incomplete`;
  return new Map(
    writers.flatMap(({ writer, generation, manifest }) =>
      (manifest as ManifestEntry[]).map((entry): [string, number] => [
        placeOf({ writer, generation, ...entry }),
        entry.rows,
      ])
    ),
  );
}

function placeOf(row: Record<string, unknown>): string {
  const { writer, generation, part_kind: kind, split, epoch } = row;
  return JSON.stringify([writer, generation, kind, split, epoch]);
}
