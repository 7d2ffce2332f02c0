import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";
import { removeTree } from "./object_tree.ts";

/**
 * Removes files of encodings that no row names: of attempts that were ended before they noted them.
 *
 * @param run Folder of a run.
 * @param before Files written later are left: their attempt may go on.
 * @returns How many objects were removed.
 */
export async function sweepLostEncodings(
  sql: Sql,
  objects: ObjectStore,
  run: string,
  before: Date,
): Promise<number> {
  const folder = `${run}/encodings`;
  const paths = (await objects.list(folder))
    .filter(({ createdAt }) => createdAt !== null && createdAt < before)
    .map(({ name }) => `${folder}/${name}`);
  if (paths.length === 0) return 0;
  const known =
    await sql`select path from assay.encodings where path = any (${paths})`;
  const kept = new Set(known.map(({ path }) => path));
  const lost = paths.filter((path) => !kept.has(path));
  await objects.remove(lost);
  return lost.length;
}

/**
 * Removes the encodings of a run whose uploads are kept no longer: they were made of them.
 *
 * @returns How many objects were removed.
 */
export async function removeEncodings(
  sql: Sql,
  objects: ObjectStore,
  { id, projectId }: { readonly id: string; readonly projectId: string },
): Promise<number> {
  await sql`delete from assay.encodings where run_id = ${id}`; // first: nobody looks for a file that is gone
  return await removeTree(objects, `${projectId}/${id}/encodings`);
}
