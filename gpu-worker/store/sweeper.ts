import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";
import { sweepLostEncodings } from "./sweep_encodings.ts";
import {
  keptPaths,
  releaseSuperseded,
  sweepDeleted,
  sweepExpiredParts,
  sweepExports,
  sweepTexts,
} from "./sweep_life.ts";
import { sweepModels } from "./sweep_models.ts";

/** Repairs what dead processes left. */
export interface Sweeper {
  /** Expired leases, lost doorbells, silent runs, deletions that nobody works on. */
  sweepTasks(ringAfterSeconds?: number): Promise<void>;
  /** Intermediate files of ended jobs that no revision keeps, parts and encodings without a row, and what came late to something deleted. */
  sweepObjects(): Promise<void>;
}

const ORPHAN_MS = 3_600_000;
const BATCH = 200;
const RING_AFTER_SECONDS = 60; // a doorbell that nobody answered

/** Sweeps PostgreSQL and Storage. */
export function createSweeper(
  sql: Sql,
  objects: ObjectStore,
  log: (event: string, facts: Record<string, unknown>) => void,
  now: () => number,
): Sweeper {
  return {
    async sweepTasks(ringAfterSeconds = RING_AFTER_SECONDS) {
      const [row] = await sql`
        select *, assay.sweep_deletions() as deletions_resumed from assay.sweep(${ringAfterSeconds})`;
      const { ...counts } = row!;
      if (Object.values(counts).some((n) => n > 0)) log("swept_tasks", counts);
    },

    async sweepObjects() {
      const before = new Date(now() - ORPHAN_MS);
      let removed = 0;
      for await (const { runId, projectId } of quietRuns(sql)) {
        const run = `${projectId}/${runId}`;
        removed += await releaseSuperseded(sql, objects, runId);
        for (const name of await endedWork(sql, objects, `${run}/work`)) {
          removed += await removeUnkept(
            sql,
            objects,
            runId,
            `${run}/work/${name}`,
          );
        }
        for (const id of await lostRevisions(sql, objects, runId, run)) {
          removed += await removeFolder(objects, `${run}/revisions/${id}`);
        }
        const parts = `${run}/parts`;
        const old = (await objects.list(parts)).filter(({ createdAt }) =>
          createdAt && now() - createdAt.getTime() > ORPHAN_MS
        ).map(({ name }) => `${parts}/${name}`);
        const known =
          await sql`select storage_path from assay.parts where storage_path = any (${old})`;
        const kept = new Set(known.map((k) => k.storage_path));
        const orphans = old.filter((path) => !kept.has(path));
        await objects.remove(orphans);
        removed += orphans.length;
        removed += await sweepTexts(sql, objects, run);
        removed += await sweepLostEncodings(sql, objects, run, before);
      }
      removed += await sweepDeleted(sql, objects);
      removed += await sweepExports(sql, objects);
      removed += await sweepModels(sql, objects, before);
      const [expired] = await sql`select * from assay.sweep_retention()`;
      const { ...counts } = expired!;
      if (Object.values(counts).some((n) => n > 0)) {
        log("swept_expired", counts);
      }
      removed += await sweepExpiredParts(sql, objects);
      if (removed > 0) log("swept_objects", { removed });
    },
  };
}

/** Runs that something worked on within two days, and nothing does now. */
async function* quietRuns(
  sql: Sql,
): AsyncGenerator<{ runId: string; projectId: string }> {
  for (let after: string | null = null;;) {
    const rows: readonly Record<string, string>[] = await sql`
      select distinct j.run_id, j.project_id from assay.jobs j
      where j.finished_at > now() - interval '2 days' and j.run_id is not null
        and (${after}::uuid is null or j.run_id > ${after}::uuid)
        and not exists (select from assay.jobs o where o.run_id = j.run_id and o.state in ('queued', 'running'))
      order by j.run_id limit ${BATCH}`;
    for (const { run_id, project_id } of rows) {
      yield { runId: run_id!, projectId: project_id! };
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.run_id!;
  }
}

/** Folders of attempts whose job has ended. Asked after listing: another job of the run may have begun meanwhile. */
async function endedWork(
  sql: Sql,
  objects: ObjectStore,
  folder: string,
): Promise<string[]> {
  const names = (await objects.list(folder)).map(({ name }) => name);
  const open = await sql`
    select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id
    where j.state in ('queued', 'running') and t.id::text = any (${
    names.map((name) => name.slice(0, 36))
  })`;
  const kept = new Set(open.map(({ id }) => id));
  return names.filter((name) => !kept.has(name.slice(0, 36)));
}

/** Folders of revisions that have no row any more, of a run that no job works on. */
async function lostRevisions(
  sql: Sql,
  objects: ObjectStore,
  runId: string,
  folder: string,
): Promise<string[]> {
  const names = (await objects.list(`${folder}/revisions`)).map((e) => e.name);
  const [row] = await sql`
    select array(select r.id::text from assay.revisions r where r.run_id = ${runId}) as ids,
      exists (select from assay.jobs j where j.run_id = ${runId} and j.state in ('queued', 'running')) as is_open`;
  return row!.is_open ? [] : names.filter((name) => !row!.ids.includes(name));
}

/** Removes what of an attempt's files no revision names: the next scoring of its run may use those. */
async function removeUnkept(
  sql: Sql,
  objects: ObjectStore,
  runId: string,
  folder: string,
): Promise<number> {
  const paths = (await objects.list(folder)).map((f) => `${folder}/${f.name}`);
  const kept = new Set(await keptPaths(sql, runId)); // asked after listing
  const lost = paths.filter((path) => !kept.has(path));
  await objects.remove(lost);
  return lost.length;
}

async function removeFolder(
  objects: ObjectStore,
  folder: string,
): Promise<number> {
  const paths = (await objects.list(folder)).map((f) => `${folder}/${f.name}`);
  await objects.remove(paths);
  return paths.length;
}
