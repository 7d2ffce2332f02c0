import type { Sql } from "postgres";
import type { ObjectStore } from "./object_store.ts";

/** Repairs what dead processes left. */
export interface Sweeper {
  /** Expired leases, lost doorbells, silent runs. */
  sweepTasks(): Promise<void>;
  /** Intermediate files of ended jobs, and parts without a row. */
  sweepObjects(): Promise<void>;
}

const ORPHAN_MS = 3_600_000;
const BATCH = 200;

/** Sweeps PostgreSQL and Storage. */
export function createSweeper(
  sql: Sql,
  objects: ObjectStore,
  log: (event: string, facts: Record<string, unknown>) => void,
  now: () => number,
): Sweeper {
  return {
    async sweepTasks() {
      const [row] = await sql`select * from assay.sweep()`;
      const { ...counts } = row!;
      if (Object.values(counts).some((n) => n > 0)) log("swept_tasks", counts);
    },

    async sweepObjects() {
      const jobs = await sql`
        select distinct j.run_id, j.project_id from assay.jobs j
        where j.finished_at > now() - interval '2 days' and j.run_id is not null
          and not exists (select from assay.jobs o where o.run_id = j.run_id and o.state in ('queued', 'running'))
        limit ${BATCH}`;
      let removed = 0;
      for (const { run_id: runId, project_id: projectId } of jobs) {
        const work = `${projectId}/${runId}/work`;
        for (const { name } of await objects.list(work)) {
          const files = await objects.list(`${work}/${name}`);
          await objects.remove(files.map((f) => `${work}/${name}/${f.name}`));
          removed += files.length;
        }
        const parts = `${projectId}/${runId}/parts`;
        const old = (await objects.list(parts)).filter(({ createdAt }) =>
          createdAt && now() - createdAt.getTime() > ORPHAN_MS
        ).map(({ name }) => `${parts}/${name}`);
        const known =
          await sql`select storage_path from assay.parts where storage_path = any (${old})`;
        const kept = new Set(known.map((k) => k.storage_path));
        const orphans = old.filter((path) => !kept.has(path));
        await objects.remove(orphans);
        removed += orphans.length;
      }
      if (removed > 0) log("swept_objects", { removed });
    },
  };
}
