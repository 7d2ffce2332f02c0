import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createWorld, type World } from "./personas.ts";

for (const engine of testEngines()) {
  Deno.test(`life of jobs and tasks on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const step = (name: string, body: () => Promise<void>) =>
      t.step(name, async () => {
        await world
          .admin`delete from assay.jobs where id <> ${world.jobId}`;
        await body();
      });
    try {
      await claiming(step, world);
      await completing(step, world);
      await failing(step, world);
      await releasing(step, world);
      await sweeping(step, world);
      await ringing(step, world);
    } finally {
      await world.drop();
    }
  });
}

type Step = (name: string, body: () => Promise<void>) => Promise<unknown>;

async function enqueue({ worker, runId }: World) {
  const [row] = await worker`
    select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
  return { jobId: row!.job_id as string, taskId: row!.task_id as string };
}

async function claim({ worker }: World, taskId: string, seconds = 60) {
  const [row] = await worker`
    select * from assay.claim_task(${taskId}, ${seconds}, 'w', 'cpu')`;
  return row!;
}

async function complete(
  { worker }: World,
  taskId: string,
  token: string,
  next: string | null = null,
  payloads: object[] | null = null,
  revisionId: string | null = null,
) {
  const [row] = await worker`
    select * from assay.complete_task(${taskId}, ${token}, ${
    worker.json({})
  }, ${next},
      ${payloads && worker.json(payloads as never)}, ${revisionId})`;
  return row!;
}

async function job({ admin }: World, jobId: string) {
  const [row] = await admin`select * from assay.jobs where id = ${jobId}`;
  return row!;
}

async function expireLease({ admin }: World, taskId: string) {
  await admin`update assay.tasks set lease_until = now() - interval '1 s' where id = ${taskId}`;
}

async function claiming(step: Step, world: World) {
  await step("enqueue_job() gives the open job of a run again", async () => {
    const first = await enqueue(world);
    const second = await enqueue(world);
    assert.equal(second.jobId, first.jobId);
    assert.equal(second.taskId, null);
    const [other] = await world.worker`
      select * from assay.enqueue_job(${world.runId}, 'rescore_run', 'prepare')`;
    assert.deepEqual(other, { job_id: first.jobId, task_id: null });
  });

  await step(
    "claim_task() gives nothing while another holds the lease",
    async () => {
      const { taskId } = await enqueue(world);
      assert.equal((await claim(world, taskId)).outcome, "claimed");
      const second = await claim(world, taskId);
      assert.equal(second.outcome, "held");
      assert.ok(second.retry_after_seconds >= 1);
    },
  );

  await step(
    "claim_task() takes over an expired lease and counts",
    async () => {
      const { taskId } = await enqueue(world);
      const first = await claim(world, taskId);
      await expireLease(world, taskId);
      const second = await claim(world, taskId);
      assert.equal(second.outcome, "claimed");
      assert.equal(second.attempts, 2);
      assert.notEqual(second.lease_token, first.lease_token);
    },
  );

  await step(
    "claim_task() tells a closed task from an unknown one",
    async () => {
      const { taskId } = await enqueue(world);
      const { lease_token: token } = await claim(world, taskId);
      await complete(world, taskId, token);
      assert.equal((await claim(world, taskId)).outcome, "closed");
      assert.equal((await claim(world, crypto.randomUUID())).outcome, "gone");
    },
  );

  await step(
    "extend_lease() is refused once the job is cancelled",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      const { lease_token: token } = await claim(world, taskId);
      const extend = async (fraction: number) => {
        const [row] = await world.worker`
        select assay.extend_lease(${taskId}, ${token}, 60, ${fraction}) as held`;
        return row!.held;
      };
      assert.equal(await extend(0.5), true);
      assert.equal((await job(world, jobId)).fraction, 0.5);
      assert.equal(await extend(0.25), true);
      assert.equal(
        (await job(world, jobId)).fraction,
        0.5,
        "progress never goes back",
      );
      await world.as("editor", "assay_edge", async (sql) => {
        const [row] = await sql`select assay.cancel_job(${jobId}) as done`;
        assert.equal(row!.done, true);
      });
      await world.worker`select assay.cancel_job(${jobId})`;
      assert.equal(await extend(0.75), false);
      assert.equal((await job(world, jobId)).state, "cancelled");
    },
  );
}

async function completing(step: Step, world: World) {
  await step(
    "complete_task() is refused to a worker that lost its lease",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      const first = await claim(world, taskId);
      await expireLease(world, taskId);
      const second = await claim(world, taskId);
      assert.equal(
        (await complete(world, taskId, first.lease_token)).completed,
        false,
      );
      assert.equal((await job(world, jobId)).state, "running");
      assert.equal(
        (await complete(world, taskId, second.lease_token)).completed,
        true,
      );
      assert.equal((await job(world, jobId)).state, "succeeded");
    },
  );

  await step(
    "heartbeats while a task completes never end one another",
    async () => {
      for (let round = 0; round < 10; round++) {
        await world.admin`delete from assay.jobs where id <> ${world.jobId}`;
        const { taskId } = await enqueue(world);
        const { lease_token: token } = await claim(world, taskId);
        const beats = Array.from({ length: 6 }, (_, i) =>
          world.worker`
        select assay.extend_lease(${taskId}, ${token}, 60, ${i / 10})`);
        const [end] = await Promise.all([
          complete(world, taskId, token),
          ...beats,
        ]);
        assert.equal(end!.completed, true);
      }
    },
  );

  await step(
    "two last tasks at once open the next stage exactly once",
    async () => {
      for (let round = 0; round < 10; round++) {
        await world.admin`delete from assay.jobs where id <> ${world.jobId}`;
        const { taskId, jobId } = await enqueue(world);
        const { lease_token: token } = await claim(world, taskId);
        const opened = await complete(world, taskId, token, "score", [{}, {}]);
        assert.equal(opened.next_task_ids.length, 2);
        const claims = await Promise.all(
          opened.next_task_ids.map((id: string) => claim(world, id)),
        );
        const ends = await Promise.all(
          claims.map((c) =>
            complete(world, c.task_id, c.lease_token, "publish", [{}])
          ),
        );
        assert.deepEqual(ends.map((e) => e.completed), [true, true]);
        const rows = await world.admin`
        select id from assay.tasks where job_id = ${jobId} and stage = 'publish'`;
        assert.equal(rows.length, 1);
        assert.equal((await job(world, jobId)).pending_tasks, 1);
      }
    },
  );

  await step(
    "complete_task() publishes the revision in the same transaction",
    async () => {
      const { admin } = world;
      const { taskId, jobId } = await enqueue(world);
      const revisionId = crypto.randomUUID();
      await admin`
      insert into assay.revisions (id, project_id, run_id, job_id)
      values (${revisionId}, ${world.mine}, ${world.runId}, ${jobId})`;
      const stale = await claim(world, taskId);
      await expireLease(world, taskId);
      const { lease_token: token } = await claim(world, taskId);
      await complete(world, taskId, stale.lease_token, null, null, revisionId);
      const published = async () => {
        const [row] = await admin`
        select r.published_at is not null as published, r.number, u.published_revision_id
        from assay.revisions r join assay.runs u on u.id = r.run_id where r.id = ${revisionId}`;
        return row!;
      };
      assert.equal((await published()).published, false, "the fence holds");
      await complete(world, taskId, token, null, null, revisionId);
      assert.deepEqual({ ...await published() }, {
        published: true,
        number: 3,
        published_revision_id: revisionId,
      });
      await admin`update assay.runs set published_revision_id = (
      select id from assay.revisions where run_id = ${world.runId} and number = 2) where id = ${world.runId}`;
    },
  );
}

async function failing(step: Step, world: World) {
  const fail = async (taskId: string, token: string, retryable: boolean) => {
    const [row] = await world.worker`
      select assay.fail_task(${taskId}, ${token}, 'internal', 'Disk full', ${retryable}) as outcome`;
    return row!.outcome;
  };

  await step(
    "fail_task() puts a task back with a back-off and a doorbell",
    async () => {
      const { taskId } = await enqueue(world);
      const { lease_token: token } = await claim(world, taskId);
      assert.equal(await fail(taskId, token, true), "requeued");
      const again = await claim(world, taskId);
      assert.equal(again.outcome, "held", "it backs off first");
      const [{ n }] = await world.admin`
      select count(*)::int as n from assay.outbox where task_id = ${taskId}` as never as [
        { n: number },
      ];
      assert.equal(n, 2);
      assert.equal(await fail(taskId, token, true), "lost");
    },
  );

  await step(
    "fail_task() fails the job after the last attempt, with the reason",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      await world
        .admin`update assay.tasks set attempts = max_attempts - 1 where id = ${taskId}`;
      const { lease_token: token } = await claim(world, taskId);
      assert.equal(await fail(taskId, token, true), "failed");
      const { state, error } = await job(world, jobId);
      assert.deepEqual({ state, error }, {
        state: "failed",
        error: "Disk full",
      });
    },
  );

  await step(
    "fail_task() fails at once what can never work, siblings included",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      const first = await claim(world, taskId);
      const { next_task_ids: [one] } = await complete(
        world,
        taskId,
        first.lease_token,
        "score",
        [{}, {}],
      );
      const { lease_token: token } = await claim(world, one);
      assert.equal(await fail(one, token, false), "failed");
      const rows = await world
        .admin`select state from assay.tasks where job_id = ${jobId} and stage = 'score' order by state`;
      assert.deepEqual(rows.map((r) => r.state), ["cancelled", "failed"]);
    },
  );
}

async function releasing(step: Step, world: World) {
  await step(
    "release_task() gives the task and its attempt back at once, to the holder only",
    async () => {
      const { taskId } = await enqueue(world);
      const { lease_token: token } = await claim(world, taskId);
      const release = async (with_: string) => {
        const [row] = await world
          .worker`select assay.release_task(${taskId}, ${with_}) as done`;
        return row!.done;
      };
      assert.equal(await release(crypto.randomUUID()), false);
      assert.equal(await release(token), true);
      assert.equal(await release(token), false, "it is nobody's now");
      const again = await claim(world, taskId);
      assert.equal(again.outcome, "claimed");
      assert.equal(again.attempts, 1);
      const [row] = await world.admin`
        select count(*)::int as n from assay.outbox where task_id = ${taskId}`;
      assert.equal(row!.n, 2);
    },
  );
}

async function sweeping(step: Step, world: World) {
  const sweep = async (ringAfterSeconds = 60) => {
    const [row] = await world
      .worker`select * from assay.sweep(${ringAfterSeconds})`;
    return { ...row! };
  };
  const nothing = {
    requeued: 0,
    failed: 0,
    repaired: 0,
    rung: 0,
    // deno-lint-ignore camelcase
    closed_runs: 0,
  };

  await step("sweep() leaves alone what is in order", async () => {
    const { taskId } = await enqueue(world);
    await claim(world, taskId);
    assert.deepEqual(await sweep(), nothing);
  });

  await step(
    "sweep() puts back a task whose worker was lost, and fails it after the last",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      await claim(world, taskId);
      await expireLease(world, taskId);
      assert.deepEqual(await sweep(), { ...nothing, requeued: 1 });
      const rung = await world.worker`select * from assay.claim_outbox(10, ${[
        taskId,
      ]})`;
      assert.equal(
        rung.length,
        2,
        "the first doorbell and one for the task's return",
      );
      await world
        .admin`update assay.tasks set attempts = max_attempts - 1 where id = ${taskId}`;
      await claim(world, taskId);
      await expireLease(world, taskId);
      assert.deepEqual(await sweep(), { ...nothing, failed: 1 });
      const { state, error } = await job(world, jobId);
      assert.equal(state, "failed");
      assert.match(error, /lost 5 times/);
    },
  );

  await step(
    "sweep() rings again for a ready task nobody came for",
    async () => {
      const { taskId } = await enqueue(world);
      await world
        .admin`update assay.outbox set sent_at = now() where task_id = ${taskId}`;
      await world
        .admin`update assay.tasks set created_at = now() - interval '5 min' where id = ${taskId}`;
      assert.deepEqual(await sweep(), { ...nothing, rung: 1 });
      assert.deepEqual(await sweep(), nothing, "once a minute");
    },
  );

  await step(
    "sweep() reopens the stage of a job without an open task",
    async () => {
      const { taskId, jobId } = await enqueue(world);
      await claim(world, taskId);
      await world.admin`
      update assay.tasks set state = 'succeeded', lease_token = null, lease_until = null where id = ${taskId}`;
      assert.deepEqual(await sweep(3600), { ...nothing, repaired: 1 });
      assert.equal((await job(world, jobId)).pending_tasks, 1);
      assert.equal((await claim(world, taskId)).outcome, "claimed");
    },
  );

  await step(
    "sweep() closes a run that was silent for a day and scores it",
    async () => {
      await world
        .admin`update assay.runs set last_part_at = now() - interval '25 hours' where id = ${world.runId}`;
      assert.deepEqual(await sweep(), { ...nothing, closed_runs: 1 });
      const [run] = await world
        .admin`select state, incomplete from assay.runs where id = ${world.runId}`;
      assert.deepEqual({ ...run! }, { state: "closed", incomplete: true });
      const jobs = await world
        .admin`select 1 from assay.jobs where run_id = ${world.runId} and state = 'queued'`;
      assert.equal(jobs.length, 1);
      await world
        .admin`update assay.runs set state = 'open', incomplete = false, closed_at = null, last_part_at = now()
      where id = ${world.runId}`;
    },
  );
}

async function ringing(step: Step, world: World) {
  await step(
    "claim_outbox() gives a doorbell to one relay, and again if it was not noted as rung",
    async () => {
      const { taskId } = await enqueue(world);
      const take = () =>
        world.worker`select * from assay.claim_outbox(10, ${[taskId]})`;
      const first = await take();
      assert.equal(first.length, 1);
      assert.equal((await take()).length, 0);
      await world
        .admin`update assay.outbox set claimed_until = now() - interval '1 s'`;
      assert.equal((await take()).length, 1);
      await world.worker`select assay.mark_outbox_sent(${[
        first[0]!.outbox_id,
      ]})`;
      await world.admin`update assay.outbox set claimed_until = null`;
      assert.equal((await take()).length, 0);
    },
  );

  await step(
    "the edge enqueues and rings under the caller's rights only",
    async () => {
      const rows = await world.as("editor", "assay_edge", async (sql) => {
        const [made] =
          await sql`select * from assay.enqueue_job(${world.runId}, 'score_run', 'fold')`;
        return await sql`select * from assay.claim_outbox(10, ${[
          made!.task_id,
        ]})`;
      });
      assert.equal(rows.length, 1);
      await assert.rejects(
        world.as(
          "stranger",
          "assay_edge",
          (sql) =>
            sql`select * from assay.enqueue_job(${world.runId}, 'score_run', 'fold')`,
        ),
        { message: /run not found/ },
      );
      await assert.rejects(
        world.as(
          "viewer",
          "assay_edge",
          (sql) =>
            sql`select * from assay.enqueue_job(${world.runId}, 'score_run', 'fold')`,
        ),
        { code: "42501" },
      );
    },
  );
}
