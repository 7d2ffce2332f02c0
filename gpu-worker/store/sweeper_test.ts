import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { World } from "../jobs/testing/world.ts";
import { createSweeper } from "./sweeper.ts";

for (const engine of testEngines().slice(0, 1)) {
  Deno.test(`the sweeper comes to every run, also of many, on ${engine.name}`, async () => {
    const world = await World.create(engine);
    const { admin, worker, objects, projectId, datasetId, files } = world;
    try {
      const runs = await admin`
        insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
        select gen_random_uuid(), ${projectId}, ${datasetId}, 'r' || i, 1, 'classification', '{a}', decode(repeat('00', 32), 'hex')
        from generate_series(1, 430) i returning id`;
      const ids: string[] = runs.map(({ id }) => id);
      await admin`
        insert into assay.jobs (project_id, run_id, job_kind, state, stage, pending_tasks, finished_at)
        select ${projectId}, u.id, 'score_run', case u.n when 1 then 'running' else 'succeeded' end, 'fold', 0,
          case u.n when 1 then null else now() end
        from unnest(${ids}::uuid[]) with ordinality as u (id, n)`;
      const paths = ids.map((id) =>
        `${projectId}/${id}/work/${crypto.randomUUID()}-1/lost.bin`
      );
      for (const path of paths) {
        await objects.upload(path, new Uint8Array(), "");
      }
      await createSweeper(worker, objects, () => {}, Date.now).sweepObjects();
      assert.deepEqual(paths.filter((path) => files.has(path)), [paths[0]]);
    } finally {
      await world.drop();
    }
  });
}
