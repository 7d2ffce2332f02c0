import { AppError } from "@shared/errors.ts";
import type { Sql } from "postgres";
import { inChunks } from "./chunks.ts";

/** What is kept of a sample, once per dataset, id and content. */
export interface StoredSample {
  /** The caller's id, as text. */
  readonly id: string;
  /** Portion of the dataset. */
  readonly split: string;
  /** Given label; -1 where unlabelled. */
  readonly label: number;
  /** SHA-256 of its content. */
  readonly contentHash: Uint8Array;
  /** Start of its text; null without. */
  readonly textPreview: string | null;
  /** Its other columns. */
  readonly metadata: Record<string, unknown>;
  /** Where its whole text lies; null where the preview is all of it. */
  readonly content: {
    readonly path: string;
    readonly offset: number;
    readonly bytes: number;
  } | null;
}

/** Samples and dataset versions. */
export interface SampleStore {
  /** Writes what is not there yet; returns the key of each sample, in order. Throws `not_found` if the run was deleted. */
  upsert(
    run: {
      readonly runId: string;
      readonly projectId: string;
      readonly datasetId: string;
    },
    samples: readonly StoredSample[],
  ): Promise<BigInt64Array<ArrayBuffer>>;
  /** Finds or makes the version with this digest, and notes it on the run. */
  version(
    run: {
      readonly runId: string;
      readonly projectId: string;
      readonly datasetId: string;
      readonly labelNames: readonly string[];
    },
    digest: Uint8Array,
    samples: readonly Pick<StoredSample, "split" | "label">[],
    keys: BigInt64Array,
  ): Promise<void>;
}

/** Samples in PostgreSQL. */
export function createSampleStore(sql: Sql): SampleStore {
  return {
    async upsert({ runId, projectId, datasetId }, samples) {
      const distinct = distinctSamples(samples);
      await inChunks(distinct.length, async (start, end) => {
        const chunk = distinct.slice(start, end);
        await sql`
          with held as (${heldRun(sql, runId)})
          insert into assay.samples
            (project_id, dataset_id, sample_id, content_hash, text_preview, metadata, content_path, content_offset, content_bytes)
          select ${projectId}::uuid, ${datasetId}::uuid, u.* from held, unnest(
            ${chunk.map((s) => s.id)}::text[], ${
          sql.array(hashesOf(chunk), 1001)
        }::bytea[], ${chunk.map((s) => s.textPreview)}::text[],
            ${chunk.map((s) => JSON.stringify(s.metadata))}::text[]::jsonb[],
            ${chunk.map((s) => s.content?.path ?? null)}::text[], ${
          chunk.map((s) => s.content?.offset ?? null)
        }::bigint[],
            ${chunk.map((s) => s.content?.bytes ?? null)}::int[]) as u
          on conflict (dataset_id, sample_id, content_hash) do update
          set metadata = excluded.metadata where samples.metadata <> excluded.metadata`;
      });
      const keys = new BigInt64Array(samples.length);
      await inChunks(samples.length, async (start, end) => {
        const chunk = samples.slice(start, end);
        const rows = await sql`
          select u.position, s.id from unnest(
            ${chunk.map((s) => s.id)}::text[], ${
          sql.array(hashesOf(chunk), 1001)
        }::bytea[])
            with ordinality as u (sample_id, content_hash, position)
          join assay.samples s
            on s.dataset_id = ${datasetId} and s.sample_id = u.sample_id and s.content_hash = u.content_hash`;
        for (const row of rows) {
          keys[start + Number(row.position) - 1] = BigInt(row.id);
        }
      });
      if (keys.includes(0n)) throw deleted(runId);
      return keys;
    },

    async version(
      { runId, projectId, datasetId, labelNames },
      digest,
      samples,
      keys,
    ) {
      const [made] = await sql`
        with held as (${heldRun(sql, runId)})
        insert into assay.dataset_versions (project_id, dataset_id, digest, label_names, n_samples)
        select ${projectId}::uuid, ${datasetId}::uuid, ${digest}::bytea, ${[
        ...labelNames,
      ]}::text[], ${samples.length}::int from held
        on conflict (dataset_id, digest) do update set n_samples = excluded.n_samples
        returning id`;
      if (!made) throw deleted(runId);
      const versionId = made.id;
      await inChunks(samples.length, async (start, end) => {
        const chunk = samples.slice(start, end);
        await sql`
          insert into assay.dataset_version_samples (dataset_version_id, project_id, split, sample_key, given_label)
          select ${versionId}::uuid, ${projectId}::uuid, u.* from unnest(
            ${chunk.map((s) => s.split)}::text[], ${
          Array.from(keys.subarray(start, end), String)
        }::bigint[],
            ${chunk.map((s) => s.label < 0 ? null : s.label)}::int[]) as u
          on conflict do nothing`;
      });
      await sql`update assay.runs set dataset_version_id = ${versionId} where id = ${runId}`;
    },
  };
}

/** One row while the run is there, held until the statement ends: a worker that outlived its lease writes nothing after a deletion. */
function heldRun(sql: Sql, runId: string) {
  return sql`
    select r.id from assay.runs r
    where r.id = ${runId} and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, r.project_id))
    for key share of r`;
}

function deleted(runId: string): AppError {
  return new AppError(
    "not_found",
    `Cannot write samples of run "${runId}": it was deleted`,
  );
}

/** Samples without those that another split holds too: one insert may not meet a row twice. */
function distinctSamples(samples: readonly StoredSample[]): StoredSample[] {
  const seen = new Set<string>();
  return samples.filter(({ id, contentHash }) => {
    const name = `${id}\0${contentHash.toHex()}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function hashesOf(samples: readonly StoredSample[]): Uint8Array[] {
  return samples.map((s) => new Uint8Array(s.contentHash));
}
