import type { Sql } from "postgres";
import type { Lease } from "../runner/lease.ts";

/** A file of encodings. */
export interface EncodingFile {
  /** Key of what gave them. */
  readonly encoder: string;
  /** Object that holds them. */
  readonly path: string;
}

/** Where encodings of a dataset's contents lie. */
export interface EncodingStore {
  /** Files of a dataset by these encoders, the newest first; of what was deleted none. */
  find(datasetId: string, encoders: readonly string[]): Promise<EncodingFile[]>;
  /**
   * Notes files of a run, all or none; to note one twice is no error.
   *
   * @returns False if none was noted: the lease is lost, or the run was deleted.
   */
  add(
    lease: Pick<Lease, "runId" | "taskId" | "leaseToken">,
    files: readonly (EncodingFile & { readonly nContents: number })[],
  ): Promise<boolean>;
}

/** Encodings' files in PostgreSQL. */
export function createEncodingStore(sql: Sql): EncodingStore {
  return {
    async find(datasetId, encoders) {
      const rows = await sql`
        select e.encoder, e.path from assay.encodings e
        where e.dataset_id = ${datasetId} and e.encoder = any (${[...encoders]})
          and not exists (
            select from assay.deletions d where d.ended_at is null and d.subject_id in (e.run_id, e.dataset_id, e.project_id))
        order by e.created_at desc, e.path`;
      return rows.map(({ encoder, path }) => ({ encoder, path }));
    },

    async add({ runId, taskId, leaseToken }, files) {
      const [row] = await sql`
        with held as (
          select r.id, r.project_id, r.dataset_id from assay.runs r
          where r.id = ${runId}
            and exists (select from assay.tasks t where t.id = ${taskId} and t.lease_token = ${leaseToken} and t.state = 'running')
            and not exists (select from assay.deletions d where d.subject_id in (r.id, r.dataset_id, r.project_id))
          for key share of r
        ), noted as (
          insert into assay.encodings (path, project_id, dataset_id, run_id, encoder, n_contents)
          select u.path, h.project_id, h.dataset_id, h.id, u.encoder, u.n_contents
          from held h cross join unnest(
            ${files.map((f) => f.path)}::text[], ${
        files.map((f) => f.encoder)
      }::text[], ${files.map((f) => f.nContents)}::int[])
            as u (path, encoder, n_contents)
          on conflict (path) do nothing
        )
        select exists (select from held) as is_held`;
      return row!.is_held;
    },
  };
}
