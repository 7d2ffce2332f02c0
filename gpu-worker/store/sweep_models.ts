import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";
import { removeTree } from "./object_tree.ts";

const BATCH = 200;

/**
 * Removes models that were deleted, or whose bytes never came. A signed URL may bring some for hours: the row goes a day later, and all that lies
 * at the model's place with it.
 *
 * @returns How many objects were removed.
 */
export async function sweepModels(
  sql: Sql,
  objects: ObjectStore,
): Promise<number> {
  const rows = await sql`
    select m.id, m.project_id, coalesce(m.deleted_at, m.created_at) < now() - interval '1 day' as is_over
    from assay.models m
    where m.deleted_at is not null or (m.state = 'pending' and m.created_at < now() - interval '1 day')
    order by m.created_at limit ${BATCH}`;
  let removed = 0;
  for (const { id, project_id: projectId, is_over: isOver } of rows) {
    removed += await removeTree(objects, `${projectId}/models/${id}`);
    if (!isOver) continue;
    await sql`
      delete from assay.models where id = ${id} and (deleted_at is not null or state = 'pending')`;
  }
  return removed;
}
