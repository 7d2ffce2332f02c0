import type { Sql } from "postgres";
import { inChunks } from "./chunks.ts";

/** What can be deleted. */
export type DeletedSubject = "run" | "dataset" | "project";

/** A whole text that outlives the run whose folder it lies in. */
export interface KeptText {
  /** Sample it is of. */
  readonly key: string;
  /** Dataset of the sample. */
  readonly datasetId: string;
  /** Object that holds it. */
  readonly path: string;
  /** Where in the object. */
  readonly offset: number;
  /** How long it is. */
  readonly bytes: number;
}

/** Rows of what was deleted. Nothing happens to what was not. */
export interface DeletionStore {
  /** Runs of a dataset. */
  runIds(datasetId: string): Promise<string[]>;
  /** Removes some rows; returns how many, 0 when only its own is left. */
  purge(subject: DeletedSubject, id: string): Promise<number>;
  /** Whole texts in a folder that some sample still needs, object by object. */
  keptTexts(folder: string): Promise<KeptText[]>;
  /** Notes where the texts of one object lie now; those that moved meanwhile stay where they are. */
  moveTexts(
    texts: readonly KeptText[],
    path: string,
    offsets: readonly number[],
  ): Promise<void>;
  /** Removes its row; the deletion is over. */
  end(subject: DeletedSubject, id: string): Promise<void>;
}

/** Deletions in PostgreSQL. */
export function createDeletionStore(sql: Sql): DeletionStore {
  return {
    async runIds(datasetId) {
      const rows =
        await sql`select id from assay.runs where dataset_id = ${datasetId}`;
      return rows.map(({ id }) => id);
    },
    async purge(subject, id) {
      const [row] = await sql`select assay.purge(${subject}, ${id}) as n`;
      return row!.n;
    },
    async keptTexts(folder) {
      const rows = await sql`
        select s.id, s.dataset_id, s.content_path, s.content_offset, s.content_bytes from assay.samples s
        where s.content_path like ${
        folder + "/%"
      } order by s.content_path, s.content_offset`;
      return rows.map((row) => ({
        key: row.id,
        datasetId: row.dataset_id,
        path: row.content_path,
        offset: Number(row.content_offset),
        bytes: row.content_bytes,
      }));
    },
    async moveTexts(texts, path, offsets) {
      await inChunks(texts.length, async (start, end) => {
        const chunk = texts.slice(start, end);
        await sql`
          update assay.samples s set content_path = ${path}, content_offset = u.to_offset
          from unnest(${chunk.map((t) => t.key)}::bigint[], ${
          chunk.map((t) => t.path)
        }::text[], ${offsets.slice(start, end)}::bigint[])
            as u (key, from_path, to_offset)
          where s.id = u.key and s.content_path = u.from_path`;
      });
    },
    async end(subject, id) {
      await sql`select assay.end_deletion(${subject}, ${id})`;
    },
  };
}
