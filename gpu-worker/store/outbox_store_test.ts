import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { World } from "../jobs/testing/world.ts";
import { createOutboxStore } from "./outbox_store.ts";

for (const engine of testEngines()) {
  Deno.test(`doorbells on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    const rung: string[] = [];
    const warned: string[] = [];
    let publish: () => Promise<void> = () => Promise.resolve();
    const outbox = createOutboxStore(
      world.worker,
      {
        publishJSON: async ({ body }: { body: { taskId: string } }) => {
          await publish();
          rung.push(body.taskId);
        },
      } as never,
      "http://worker",
      (event) => warned.push(event),
    );
    const [job] = await world.admin`
      insert into assay.jobs (project_id, job_kind, stage, pending_tasks) values (${world.projectId}, 'score_run', 'fold', 3)
      returning id`;
    const task = async (shard: number, ageSeconds: number) => {
      const [row] = await world.admin`
        insert into assay.tasks (job_id, project_id, stage, shard, created_at)
        values (${
        job!.id
      }, ${world.projectId}, 'fold', ${shard}, now() - make_interval(secs => ${ageSeconds}))
        returning id`;
      return row!.id as string;
    };
    const [young, old, oldest] = [
      await task(0, 1),
      await task(1, 50),
      await task(2, 60),
    ];
    try {
      await t.step(
        "a free device rings for the task that waits longest, and not for one that was rung for just now",
        async () => {
          await outbox.ringNext();
          assert.deepEqual(rung, [oldest]);
          await outbox.ringNext();
          assert.deepEqual(rung, [oldest, old]);
          await outbox.ringNext();
          assert.deepEqual(rung, [oldest, old]);
        },
      );

      await t.step(
        "what the queue did not take is rung for again at once",
        async () => {
          await world.admin`
          insert into assay.outbox (task_id, project_id) values (${young}, ${world.projectId})`;
          publish = () => Promise.reject(new Error("away"));
          assert.equal(await outbox.relay(null), 0);
          assert.deepEqual(warned, ["outbox_not_relayed"]);
          publish = () => Promise.resolve();
          assert.equal(await outbox.relay(null), 1);
          assert.equal(rung.at(-1), young);
        },
      );
    } finally {
      await world.drop();
    }
  });
}
