import assert from "node:assert/strict";
import { withStorage } from "@testing/storage.ts";
import { createObjectStore } from "./object_store.ts";
import { createSweeper } from "./sweeper.ts";

/** One more than Storage deletes at a time. */
const N_OBJECTS = 1001;
const AT_ONCE = 16;

Deno.test("the sweeper removes a folder of more objects than Storage deletes at a time, and comes to the next run", async () => {
  await withStorage(async ({ admin, service, projectId }) => {
    const objects = createObjectStore(service);
    const datasetId = crypto.randomUUID();
    await admin`insert into assay.datasets (id, project_id, name) values (${datasetId}, ${projectId}, 'd')`;
    const ids = [crypto.randomUUID(), crypto.randomUUID()].sort();
    const folders: string[] = [];
    for (const id of ids) {
      await admin`
        insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
        values (${id}, ${projectId}, ${datasetId}, ${id}, 1, 'classification', '{a}', ${new Uint8Array(
        32,
      )})`;
      await admin`
        insert into assay.jobs (project_id, run_id, job_kind, state, stage, pending_tasks, finished_at)
        values (${projectId}, ${id}, 'rescore_run', 'succeeded', 'score', 0, now())`;
      folders.push(`${projectId}/${id}/work/${crypto.randomUUID()}-blocks`);
    }
    const waiting = [
      ...Array.from({ length: N_OBJECTS }, (_, i) => `${folders[0]}/${i}.bin`),
      `${folders[1]}/0.bin`,
    ].values();
    const lane = async () => {
      for (const path of waiting) {
        await objects.upload(path, new Uint8Array(1), "text/plain");
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    assert.equal((await objects.list(folders[0]!)).length, N_OBJECTS);

    await createSweeper(admin, objects, () => {}, Date.now).sweepObjects();
    for (const folder of folders) {
      assert.deepEqual(await objects.list(folder), []);
    }
  });
});
