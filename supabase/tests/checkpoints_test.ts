import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createWorld, type World } from "./personas.ts";

for (const engine of testEngines()) {
  Deno.test(`checkpoints of tasks on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const step = (name: string, body: () => Promise<void>) =>
      t.step(name, async () => {
        await world
          .admin`delete from assay.jobs where id <> ${world.jobId}`;
        await body();
      });
    try {
      await noting(step, world);
      await losing(step, world);
    } finally {
      await world.drop();
    }
  });
}

type Step = (name: string, body: () => Promise<void>) => Promise<unknown>;

/** A claimed task; claimed again it is the next attempt's. */
async function open({ admin, worker, runId }: World) {
  const [job] = await worker`
    select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
  const taskId = job!.task_id as string;
  const claim = async (): Promise<string> => {
    await admin`update assay.tasks set lease_until = now() - interval '1 s' where id = ${taskId} and state = 'running'`;
    const [row] = await worker`
      select * from assay.claim_task(${taskId}, 60, 'w', 'cpu')`;
    return row!.lease_token;
  };
  const note = async (token: string, value: unknown, isProgress = true) => {
    const [row] = await worker`
      select assay.checkpoint_task(${taskId}, ${token}, ${
      worker.json(value as never)
    }, ${isProgress}) as done`;
    return row!.done as boolean;
  };
  const task = async () => {
    const [row] = await admin`
      select payload, attempts, max_attempts, state from assay.tasks where id = ${taskId}`;
    return row!;
  };
  return { jobId: job!.job_id as string, taskId, claim, note, task };
}

async function noting(step: Step, world: World) {
  await step(
    "checkpoint_task() adds to what the stage before left, and the next claim is given it",
    async () => {
      const { claim, note, task, taskId } = await open(world);
      await world
        .admin`update assay.tasks set payload = '{"paths": ["a"], "inferred": {"n_done": 1, "gone": 1}}' where id = ${taskId}`;
      assert.equal(
        await note(await claim(), { inferred: { "n_done": 2 } }),
        true,
      );
      const payload = { paths: ["a"], inferred: { "n_done": 2 } };
      assert.deepEqual((await task()).payload, payload);
      await world
        .admin`update assay.tasks set lease_until = now() - interval '1 s' where id = ${taskId}`;
      const [row] = await world.worker`
        select * from assay.claim_task(${taskId}, 60, 'w', 'cpu')`;
      assert.deepEqual(row!.payload, payload);
    },
  );

  await step(
    "checkpoint_task() leaves as many attempts as at first, where it says more",
    async () => {
      const { claim, note, task } = await open(world);
      for (let attempt = 1; attempt <= 8; attempt++) {
        const token = await claim();
        assert.ok(token, `attempt ${attempt}`);
        assert.equal(await note(token, { n: attempt }), true);
      }
      assert.equal((await task()).max_attempts, 12);
      for (let attempt = 9; attempt <= 12; attempt++) {
        const token = await claim();
        assert.equal(await note(token, { n: 8 }, false), true);
      }
      assert.equal((await task()).max_attempts, 12);
      assert.equal(await claim(), null);
      const [swept] = await world.worker`select * from assay.sweep()`;
      assert.equal(swept!.failed, 1);
    },
  );
}

async function losing(step: Step, world: World) {
  await step("checkpoint_task() is refused without the lease", async () => {
    const { claim, note, task, jobId } = await open(world);
    const lost = await claim();
    const token = await claim();
    const before = await task();
    assert.equal(await note(lost, { n: 1 }), false);
    assert.equal(await note(crypto.randomUUID(), { n: 1 }), false);
    assert.deepEqual(await task(), before);
    await world.worker`select assay.cancel_job(${jobId})`;
    assert.equal(await note(token, { n: 1 }), false);
    assert.deepEqual((await task()).payload, before.payload);
  });

  await step("checkpoint_task() is the worker's alone", async () => {
    const { taskId, claim } = await open(world);
    const token = await claim();
    for (const role of ["authenticated", "assay_edge"] as const) {
      await world.as("editor", role, async (sql) => {
        await assert.rejects(
          sql`select assay.checkpoint_task(${taskId}, ${token}, '{}', true)`,
          /permission denied/,
        );
      });
    }
  });
}
