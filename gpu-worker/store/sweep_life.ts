import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";
import { removeTree } from "./object_tree.ts";
import { removeEncodings } from "./sweep_encodings.ts";

const BATCH = 200;

/**
 * Removes what was written into the folder of something deleted after it was gone: by a worker that was frozen, an upload on its way, or
 * whoever held a signed URL. Such things end within a day.
 *
 * @returns How many objects were removed.
 */
export async function sweepDeleted(
  sql: Sql,
  objects: ObjectStore,
): Promise<number> {
  const rows = await sql`
    select d.subject, d.subject_id, d.project_id from assay.deletions d
    where d.ended_at > now() - interval '2 days' order by d.ended_at limit ${BATCH}`;
  let removed = 0;
  for (const { subject, subject_id: id, project_id: projectId } of rows) {
    const folder = {
      run: `${projectId}/${id}`,
      dataset: `${projectId}/datasets/${id}`,
      project: projectId,
    }[subject as "run" | "dataset" | "project"];
    removed += await removeTree(objects, folder);
  }
  return removed;
}

/**
 * Removes whole texts that no sample points to: of attempts that were ended before they wrote their samples, or that found them written.
 *
 * @param run Folder of a run that no job works on.
 * @returns How many objects were removed.
 */
export async function sweepTexts(
  sql: Sql,
  objects: ObjectStore,
  run: string,
): Promise<number> {
  let removed = 0;
  for (const { name } of await objects.list(`${run}/contents`)) {
    const folder = `${run}/contents/${name}`;
    const paths = (await objects.list(folder)).map((f) =>
      `${folder}/${f.name}`
    );
    const known =
      await sql`select distinct content_path from assay.samples where content_path = any (${paths})`;
    const kept = new Set(known.map((row) => row.content_path));
    const lost = paths.filter((path) => !kept.has(path));
    await objects.remove(lost);
    removed += lost.length;
  }
  return removed;
}

/**
 * Removes files of exports: those of a week ago, and what attempts left that were ended.
 *
 * @returns How many objects were removed.
 */
export async function sweepExports(
  sql: Sql,
  objects: ObjectStore,
): Promise<number> {
  const projects = await sql`
    select distinct j.project_id from assay.jobs j
    where j.job_kind = 'export_project' and j.created_at > now() - interval '10 days' limit ${BATCH}`;
  let removed = 0;
  for (const { project_id: projectId } of projects) {
    const folder = `${projectId}/exports`;
    const names = (await objects.list(folder)).map(({ name }) => name);
    const kept = await sql`
      select t.id, t.result -> 'paths' ->> 0 as path, j.state from assay.tasks t join assay.jobs j on j.id = t.job_id
      where t.id::text = any (${names.map((name) => name.slice(0, 36))})
        and (j.state in ('queued', 'running') or (j.state = 'succeeded' and j.finished_at > now() - interval '7 days'))`;
    for (const name of names) {
      const isKept = kept.some(({ id, path, state }) =>
        name.startsWith(id) &&
        (state !== "succeeded" || path.startsWith(`${folder}/${name}/`))
      );
      if (!isKept) removed += await removeTree(objects, `${folder}/${name}`);
    }
  }
  return removed;
}

/**
 * Files that the next scoring of a run may use.
 *
 * @returns Paths, each once.
 */
export async function keptPaths(sql: Sql, runId: string): Promise<string[]> {
  const rows = await sql`
    select distinct p.path from assay.revisions v
    cross join lateral jsonb_array_elements_text(
      coalesce(v.kept -> 'signals_paths', '[]') || coalesce(v.kept -> 'views_paths', '[]') || coalesce(v.kept -> 'graphs_paths', '[]')
    ) as p (path)
    where v.run_id = ${runId}`;
  return rows.map(({ path }) => path);
}

/**
 * Lets go of what superseded revisions of a run keep: the next scoring starts from the published one.
 *
 * @returns How many objects were removed.
 */
export async function releaseSuperseded(
  sql: Sql,
  objects: ObjectStore,
  runId: string,
): Promise<number> {
  const before = await keptPaths(sql, runId);
  const { count } = await sql`
    update assay.revisions v set kept = null
    from assay.runs r
    where r.id = ${runId} and v.run_id = r.id and v.id <> r.published_revision_id and v.published_at is not null and v.kept is not null
      and not exists (select from assay.jobs j where j.run_id = r.id and j.state in ('queued', 'running'))`;
  if (count === 0) return 0;
  const kept = new Set(await keptPaths(sql, runId));
  const lost = before.filter((path) => !kept.has(path));
  await objects.remove(lost);
  return lost.length;
}

/**
 * Removes uploads that their project keeps no longer, and what scorings keep of them, encodings among it.
 *
 * @returns How many objects were removed.
 */
export async function sweepExpiredParts(
  sql: Sql,
  objects: ObjectStore,
): Promise<number> {
  const runs = await sql`
    select r.id, r.project_id from assay.runs r
    where r.parts_expired_at is not null and r.parts_removed_at is null limit ${BATCH}`;
  let removed = 0;
  for (const { id, project_id: projectId } of runs) {
    const kept = await keptPaths(sql, id);
    await objects.remove(kept);
    removed += kept.length +
      await removeTree(objects, `${projectId}/${id}/parts`);
    removed += await removeEncodings(sql, objects, { id, projectId });
    await sql`update assay.revisions set kept = null where run_id = ${id}`;
    await sql`update assay.runs set parts_removed_at = now() where id = ${id}`;
  }
  return removed;
}
