import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { arm, reachedHit } from "../kills.ts";
import type { ProcessName } from "../points.ts";
import { makeRun } from "../run.ts";
import type { Outcome, Scenario } from "../scenario.ts";
import { untilStopped } from "../workers.ts";
import { until, type World } from "../world.ts";

const FROZEN_MS = 2000;
const ANSWERING_MS = 2500;

/** Storage answers with a status, half of the time and then always, while two runs are made. */
export function storageAnswers(status: number): Scenario {
  return {
    fault: `Storage answers ${status}`,
    point: "upload and scoring",
    async once(world, workload) {
      const { faults } = world;
      const before = await linesOf(join(faults, "answered"));
      const answer = (share: number) =>
        writeJson(faults, "answers.json", [{
          match: "/storage/v1/object",
          status,
          share,
        }]);
      await answer(0.5);
      const runs = [makeRun(world, workload), makeRun(world, workload)];
      await delay(ANSWERING_MS);
      await answer(1);
      await delay(ANSWERING_MS / 2);
      await Deno.remove(join(faults, "answers.json"));
      const end = Date.now();
      const ended = await Promise.all(runs);
      return {
        isReached: await linesOf(join(faults, "answered")) > before,
        runs: ended,
        recoveryMs: Date.now() - end,
      };
    },
  };
}

/** Storage's disk fills up before a part is sent, or before a worker writes back. */
export function diskFull(point: "upload" | "samples_folded"): Scenario {
  return {
    fault: "disk full",
    point,
    async once(world, workload) {
      const log = join(world.platform.home, "logs", "storage.log");
      const refusals = async () =>
        world.isSmallDisk
          ? (await Deno.readTextFile(log)).split("No space left").length
          : await linesOf(join(world.faults, "refused"));
      const before = await refusals();
      let running;
      if (point === "upload") {
        await fill(world);
        running = makeRun(world, workload);
      } else {
        await arm(world, point, "freeze", "self");
        running = makeRun(world, workload);
        const { pid } = await reachedHit(world, point);
        await untilStopped(pid!);
        await fill(world);
        Deno.kill(pid!, "SIGCONT");
      }
      const isReached = await until(
        "Storage meets the full disk",
        20_000,
        async () => await refusals() > before || null,
      ).catch(() => false);
      await delay(FROZEN_MS / 2);
      await empty(world);
      const end = Date.now();
      const run = await running;
      return { isReached, runs: [run], recoveryMs: Date.now() - end };
    },
  };
}

/** The queue is away for an hour of a clock that is set forward in six steps, while sweepers go on ringing. */
export const queueDown: Scenario = {
  fault: "queue down for an hour",
  point: "finish_committed",
  async once(world, workload) {
    const { faults, platform, sql, workerEnv } = world;
    const pid = platform.pidOf("queue");
    await writeJson(faults, "answers.json", [{
      match: new URL(workerEnv.QSTASH_URL!).host,
      status: 0,
      share: 1,
    }]);
    Deno.kill(pid, "SIGSTOP");
    const runId = crypto.randomUUID();
    const running = makeRun(world, workload, { runId });
    const isWaiting = async () => {
      const [row] = await sql`
        select count(*)::int as n from assay.outbox o join assay.tasks t on t.id = o.task_id join assay.jobs j on j.id = t.job_id
        where j.run_id = ${runId} and o.sent_at is null and t.state = 'queued'`;
      return row!.n > 0;
    };
    await until(
      "the doorbell waits",
      30_000,
      async () => await isWaiting() || null,
    );
    for (let step = 0; step < 6; step++) {
      await forward(world, 10);
      await delay(1200); // a sweep
    }
    const isReached = await isWaiting();
    await Deno.remove(join(faults, "answers.json"));
    Deno.kill(pid, "SIGCONT");
    const end = Date.now();
    return {
      isReached,
      runs: [await running],
      recoveryMs: Date.now() - end,
    };
  },
};

/** The database is restarted as an operator does, twice, while two runs are made. */
export const databaseRestarted: Scenario = {
  fault: "database restarted",
  point: "anywhere",
  async once(world, workload) {
    const { platform } = world;
    const runs = [makeRun(world, workload), makeRun(world, workload)];
    let end = 0;
    for (const waitMs of [400, 900]) {
      await delay(waitMs);
      const pid = platform.pidOf("database");
      platform.kill("database", "SIGINT");
      await until(
        "the database is back",
        30_000,
        async () =>
          platform.pidOf("database") !== pid && await world.isUp("database") ||
          null,
      );
      end = Date.now();
    }
    return await ended(runs, end);
  },
};

/** Connections of every process are cut again and again while two runs are made. */
export const connectionsCut: Scenario = {
  fault: "connections cut (pg_terminate_backend)",
  point: "anywhere",
  async once(world, workload) {
    const runs = [makeRun(world, workload), makeRun(world, workload)];
    let n = 0;
    for (let i = 0; i < 8; i++) {
      await delay(250);
      const [row] = await world.sql`
        select count(pg_terminate_backend(a.pid))::int as n from pg_stat_activity a
        where a.backend_type = 'client backend' and a.application_name <> 'faults'`;
      n += row!.n;
    }
    const outcome = await ended(runs, Date.now());
    return { ...outcome, isReached: n > 0 };
  },
};

/** A process hangs for two seconds, its connections open, and goes on. */
export function frozenProcess(name: Exclude<ProcessName, "client">): Scenario {
  return {
    fault: `${name} frozen for 2 s`,
    point: "anywhere",
    async once(world, workload) {
      const runs = [makeRun(world, workload), makeRun(world, workload)];
      await delay(600);
      const pid = world.platform.pidOf(name);
      Deno.kill(pid, "SIGSTOP");
      await delay(FROZEN_MS);
      Deno.kill(pid, "SIGCONT");
      return await ended(runs, Date.now());
    },
  };
}

async function ended(
  runs: readonly ReturnType<typeof makeRun>[],
  end: number,
): Promise<Outcome> {
  const records = await Promise.all(runs);
  return {
    isReached: records.some(({ endedAt }) => endedAt > end),
    runs: records,
    recoveryMs: Math.max(0, Math.max(...records.map((r) => r.endedAt)) - end),
  };
}

/** Sets back the times of all that waits. */
async function forward({ sql }: World, minutes: number): Promise<void> {
  const by = `${minutes} minutes`;
  await sql`
    update assay.outbox set created_at = created_at - ${by}::interval, claimed_until = claimed_until - ${by}::interval
    where sent_at is null`;
  await sql`
    update assay.tasks set created_at = created_at - ${by}::interval, run_after = run_after - ${by}::interval,
      rung_at = rung_at - ${by}::interval where state = 'queued'`;
  await sql`
    update assay_queue.messages set created_at = created_at - ${by}::interval, not_before = not_before - ${by}::interval
    where state = 'ACTIVE'`;
}

async function fill({ files, faults, isSmallDisk }: World): Promise<void> {
  if (!isSmallDisk) {
    await Deno.writeTextFile(join(faults, "full"), "");
    return;
  }
  using file = await Deno.open(join(files, "filler"), {
    create: true,
    write: true,
  });
  for (let size = 1_048_576; size >= 1; size = Math.floor(size / 8)) {
    try {
      while (true) await file.write(new Uint8Array(size));
    } catch (error) {
      if (!/No space left/.test(String(error))) throw error;
    }
  }
}

async function empty({ files, faults, isSmallDisk }: World): Promise<void> {
  await Deno.remove(isSmallDisk ? join(files, "filler") : join(faults, "full"));
}

async function writeJson(
  folder: string,
  name: string,
  value: unknown,
): Promise<void> {
  await Deno.writeTextFile(
    join(folder, `${name}.making`),
    JSON.stringify(value),
  );
  await Deno.rename(join(folder, `${name}.making`), join(folder, name));
}

async function linesOf(path: string): Promise<number> {
  return (await Deno.readTextFile(path).catch(() => "")).split("\n").length - 1;
}
