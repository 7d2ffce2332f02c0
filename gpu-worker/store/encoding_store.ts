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
   * @param seen Paths of the files that are known. Where there is another of the same dataset and encoder, none is noted: what it holds may be what is to
   * be kept. Null: it does not matter.
   */
  add(
    lease: Pick<Lease, "runId" | "taskId" | "leaseToken">,
    files: readonly (EncodingFile & { readonly nContents: number })[],
    seen: readonly string[] | null,
  ): Promise<EncodingsNoted>;
}

/** What became of files: `lost`: the lease is, or the run was deleted; `overtaken`: there are files that were not seen. */
export type EncodingsNoted = "noted" | "lost" | "overtaken";

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

    async add({ runId, taskId, leaseToken }, files, seen) {
      const [row] = await sql`
        select assay.note_encodings(${runId}, ${taskId}, ${leaseToken}, ${
        files.map((f) => f.path)
      }::text[], ${files.map((f) => f.encoder)}::text[], ${
        files.map((f) => f.nContents)
      }::int[], ${seen && [...seen]}::text[]) as became`;
      return row!.became;
    },
  };
}
