import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { arm, reachedHit } from "../kills.ts";
import { makeRun, outcomeOf } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { deliver, startWorker, untilStopped } from "../workers.ts";
import type { Workload } from "../workload.ts";
import { until, type World } from "../world.ts";

/** A worker that is frozen at a point of a stage. */
interface Frozen {
  readonly point: "results_written" | "infer_block_written";
  readonly stage: string;
  readonly kind: Workload["kind"];
  /** What the worker could have written when it was woken, as text. */
  written(world: World, runId: string, taskId: string): Promise<string>;
}

/** Its lease runs out, a second worker finishes the job; then the first is woken and goes on where it was. */
function frozen({ point, stage, kind, written }: Frozen): Scenario {
  return {
    fault: "worker frozen past its lease and woken",
    point,
    kind,
    async once(world, workload) {
      const { platform, sql } = world;
      const runId = crypto.randomUUID();
      await arm(world, point, "freeze", "self");
      const running = makeRun(world, workload, { runId });
      const { pid } = await reachedHit(world, point);
      await untilStopped(pid!);
      const [task] = await sql`
        select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id
        where j.run_id = ${runId} and t.stage = ${stage} and t.state = 'running'`;
      const now = () => written(world, runId, task!.id);
      await using _ = await startWorker(world);
      const run = await running;
      const before = await now();
      Deno.kill(pid!, "SIGCONT");
      const wokenAt = Date.now();
      const log = join(platform.home, "logs", "worker.log");
      const isReached = await until(
        "the woken worker ends its task",
        30_000,
        async () => {
          const text = await Deno.readTextFile(log);
          return text.includes(`"task_ended","task_id":"${task!.id}"`) || null;
        },
      ).catch(() => false);
      const after = await outcomeOf(world, runId, workload);
      return {
        isReached,
        runs: [{ ...run, ...after, words: [...run.words, ...after.words] }],
        recoveryMs: Date.now() - wokenAt,
        doubled: before === await now() ? 0 : 1,
      };
    },
  };
}

/** The worker is frozen with all rows of its revision written. */
export const frozenWorker: Scenario = frozen({
  point: "results_written",
  stage: "score",
  kind: "outputs",
  async written({ sql }, runId) {
    const [row] = await sql`
      select published_revision_id as id from assay.runs where id = ${runId}`;
    return row!.id;
  },
});

/** The worker is frozen with outputs of a stored model in Storage that it has not noted. */
export const frozenInferring: Scenario = frozen({
  point: "infer_block_written",
  stage: "infer",
  kind: "rescored",
  async written({ sql }, _, taskId) {
    const [row] = await sql`
      select payload::text as payload from assay.tasks where id = ${taskId}`;
    return row!.payload;
  },
});

/** A worker holds a task; the same message reaches a second one. */
export const twoWorkers: Scenario = {
  fault: "two workers on one task",
  point: "task_claimed",
  async once(world, workload) {
    const { platform, sql, workerEnv } = world;
    await using second = await startWorker(world);
    await arm(world, "task_claimed", "freeze", "self");
    const runId = crypto.randomUUID();
    const running = makeRun(world, workload, { runId });
    const { pid } = await reachedHit(world, "task_claimed");
    await untilStopped(pid!);
    const other = pid === platform.pidOf("worker")
      ? second.url
      : workerEnv.WORKER_URL!;
    const [held] = await sql`
      select t.id, t.attempts, t.lease_until from assay.tasks t join assay.jobs j on j.id = t.job_id
      where j.run_id = ${runId} and t.state = 'running'`;
    const status = await deliver(world, other, held!.id, 1000);
    const [now] = await sql`
      select t.attempts, ${
      held!.lease_until
    }::timestamptz > now() as is_held from assay.tasks t where t.id = ${
      held!.id
    }`;
    Deno.kill(pid!, "SIGCONT");
    return {
      isReached: now!.is_held &&
        (status === 503 || now!.attempts > held!.attempts),
      runs: [await running],
      recoveryMs: null,
      doubled: now!.is_held ? now!.attempts - held!.attempts : 0,
    };
  },
};

/** Two tasks are the last of their stage; both complete while the job's row is locked, so that neither is first. */
export const twoLastTasks: Scenario = {
  fault: "two last tasks of a stage completing at once",
  point: "complete_task",
  async once(world, workload) {
    const { sql } = world;
    const run = await makeRun(world, workload);
    const [job] = await sql`
      insert into assay.jobs (project_id, run_id, job_kind, state, stage, pending_tasks)
      select r.project_id, r.id, 'score_run', 'running', 'fold', 2 from assay.runs r where r.id = ${run.runId}
      returning id, project_id`;
    const tasks = await sql`
      insert into assay.tasks (job_id, project_id, stage, shard, state, lease_token, lease_until)
      select ${job!.id}, ${
      job!.project_id
    }, 'fold', n, 'running', gen_random_uuid(), now() + interval '1 minute' from generate_series(0, 1) n
      returning id, lease_token`;
    let done: Promise<unknown>[] = [];
    const waiting = await sql.begin(async (tx) => {
      await tx`select from assay.jobs where id = ${job!.id} for update`;
      done = tasks.map((task) =>
        sql`
        select * from assay.complete_task(${task.id}, ${task.lease_token}, '{}', 'score', '[{}]')`
          .execute()
      );
      return await until("both wait", 10_000, async () => {
        const [row] = await sql`
          select count(*)::int as n from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%complete_task%'`;
        return row!.n >= 2 ? row!.n : null;
      });
    });
    await Promise.all(done);
    const opened = await sql`
      select id from assay.tasks where job_id = ${job!.id} and stage = 'score'`;
    await sql`delete from assay.jobs where id = ${job!.id}`;
    return {
      isReached: waiting === 2,
      runs: [run],
      recoveryMs: null,
      stuck: opened.length === 0 ? 1 : 0,
      doubled: Math.max(0, opened.length - 1),
    };
  },
};

/** Every message three times while its task is open, and all of them again, the last first, when the job has ended. */
export const duplicates: Scenario = {
  fault: "duplicate and reordered deliveries",
  point: "message_started",
  async once(world, workload) {
    const { sql, workerEnv } = world;
    const runId = crypto.randomUUID();
    const url = workerEnv.WORKER_URL!;
    const running = makeRun(world, workload, { runId });
    const known = new Map<string, Promise<(number | null)[]>>();
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        const tasks = await sql`
          select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id where j.run_id = ${runId}
          order by t.created_at`;
        for (const { id } of tasks) {
          if (known.has(id)) continue;
          known.set(
            id,
            Promise.all([1, 2, 3].map(() => deliver(world, url, id))),
          );
        }
        await delay(5);
      }
    })();
    const run = await running;
    isOver = true;
    await watching;
    const during = (await Promise.all(known.values())).flat();
    const late: (number | null)[] = [];
    for (const id of [...known.keys()].reverse()) {
      late.push(await deliver(world, url, id), await deliver(world, url, id));
    }
    const [row] = await sql`
      select coalesce(sum(t.attempts - 1), 0)::int as again from assay.tasks t join assay.jobs j on j.id = t.job_id
      where j.run_id = ${runId}`;
    const after = await outcomeOf(world, runId, workload);
    return {
      isReached: during.length >= 6 && late.every((status) => status === 200),
      runs: [{ ...run, ...after }],
      recoveryMs: null,
      doubled: row!.again,
    };
  },
};
