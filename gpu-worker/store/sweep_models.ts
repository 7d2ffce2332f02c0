import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";
import { removeTree } from "./object_tree.ts";

const BATCH = 200;

/**
 * Removes models that were deleted, or whose bytes did not come within a day; those are hidden first, so that none is completed meanwhile. A signed URL
 * may bring bytes for hours: the row goes a day later, and all that lies at the model's place with it. Of a young model that is ready it
 * removes what lost against the upload that won.
 *
 * @param before What lies beside a ready model and came later is left: its upload may go on.
 * @returns How many objects were removed.
 */
export async function sweepModels(
  sql: Sql,
  objects: ObjectStore,
  before: Date,
): Promise<number> {
  await sql`
    update assay.models m set deleted_at = now()
    where m.state = 'pending' and m.deleted_at is null and m.created_at < now() - interval '1 day'`;
  const rows = await sql`
    select m.id, m.project_id, m.deleted_at < now() - interval '1 day' as is_over from assay.models m
    where m.deleted_at is not null order by m.created_at limit ${BATCH}`;
  let removed = await removeLosers(sql, objects, before);
  for (const { id, project_id: projectId, is_over: isOver } of rows) {
    removed += await removeTree(objects, `${projectId}/models/${id}`);
    if (!isOver) continue;
    await sql`
      delete from assay.models where id = ${id} and deleted_at is not null`;
  }
  return removed;
}

/** Uploads of one model that came at once have a path each; its row names one. */
async function removeLosers(
  sql: Sql,
  objects: ObjectStore,
  before: Date,
): Promise<number> {
  const rows = await sql`
    select m.id, m.project_id, m.storage_path from assay.models m
    where m.state = 'ready' and m.deleted_at is null and m.created_at > now() - interval '2 days'
    order by m.created_at desc limit ${BATCH}`;
  let removed = 0;
  for (const { id, project_id: projectId, storage_path: kept } of rows) {
    const folder = `${projectId}/models/${id}`;
    const lost = (await objects.list(folder))
      .filter(({ createdAt }) => createdAt !== null && createdAt < before)
      .map(({ name }) => `${folder}/${name}`)
      .filter((path) => path !== kept);
    await objects.remove(lost);
    removed += lost.length;
  }
  return removed;
}
