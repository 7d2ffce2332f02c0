/**
 * The task path under `kill -9`: ten seeded runs, each with one process ended at a named point that was provably reached, and a worker
 * frozen past its lease. All must end with the rows of an undisturbed run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { FAULT_POINTS, type FaultPoint } from "@shared/types/fault.ts";
import postgres, { type Sql } from "postgres";
import { type Platform, startPlatform } from "../../local/supervisor/mod.ts";
import { leftovers, publishedRows } from "./rows.ts";
import { logRun, waitForJob } from "./workload.ts";

const SEED = 7;
const RUN_MS = 90_000;
const LEASE_SECONDS = 2;

/** Every point once, and the two that a worker passes in both stages a second time: the task of the other stage. */
const KILLS: readonly { point: FaultPoint; pass: number }[] = [
  ...FAULT_POINTS.map((point) => ({ point, pass: 1 })),
  { point: "task_claimed", pass: 2 },
  { point: "upload_recorded", pass: 5 },
];

interface World {
  readonly platform: Platform;
  readonly sql: Sql;
  readonly faults: string;
  readonly undisturbed: string[];
}

Deno.test("the task path holds under kill -9 and a frozen worker", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "assay-faults-" });
  await Deno.chmod(folder, 0o755); // the database may have to run as another user
  const faults = join(folder, "faults");
  await Deno.mkdir(faults);
  const platform = await startPlatform({
    home: join(folder, "home"),
    port: 0,
    isAnnounced: false,
    mostDeaths: 100, // we kill them faster than any fault of theirs would
    env: {
      ASSAY_FAULT_MODULE: new URL("./hook.ts", import.meta.url).href,
      ASSAY_FAULT_DIR: faults,
      ASSAY_LEASE_SECONDS: String(LEASE_SECONDS),
      ASSAY_SWEEP_SECONDS: "1",
    },
  });
  const sql = postgres(platform.databaseUrl, { max: 2, onnotice: () => {} });
  try {
    const runId = crypto.randomUUID();
    await finishRun(platform, runId);
    const undisturbed = await publishedRows(sql, runId);
    assert.ok(
      undisturbed.length > 130,
      `the workload is worth comparing: ${undisturbed.length} rows`,
    );
    assert.deepEqual(await leftovers(sql, runId), []);
    const world = { platform, sql, faults, undisturbed };
    for (const { point, pass } of KILLS) {
      await t.step(
        `kill -9 at ${point}, pass ${pass}`,
        () => killAt(world, point, pass),
      );
    }
    await t.step(
      "a worker frozen past its lease and woken writes nothing that anyone sees",
      () => freeze(world),
    );
  } finally {
    await sql.end();
    await platform.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

async function finishRun(platform: Platform, runId: string): Promise<void> {
  const signal = AbortSignal.timeout(RUN_MS);
  const jobId = await logRun(platform, runId, SEED, signal);
  assert.equal(await waitForJob(platform, jobId, signal), "succeeded");
}

/** Arms a point; the process that reaches it for the n-th time ends there. */
async function arm(
  faults: string,
  point: FaultPoint,
  action: "kill" | "freeze",
  pass: number,
): Promise<void> {
  for (const ending of ["reached", "pid", "passes"]) {
    await Deno.remove(join(faults, `${point}.${ending}`)).catch(() => {});
  }
  await Deno.writeTextFile(join(faults, `${point}.passes`), String(pass));
  await Deno.writeTextFile(join(faults, `${point}.${action}`), "");
}

async function wasReached(faults: string, point: FaultPoint): Promise<number> {
  const pid = await Deno.readTextFile(join(faults, `${point}.pid`)).catch(() =>
    ""
  );
  assert.match(pid, /^\d+$/, `${point} was never reached`);
  return Number(pid);
}

async function killAt(
  { platform, sql, faults, undisturbed }: World,
  point: FaultPoint,
  pass: number,
): Promise<void> {
  await arm(faults, point, "kill", pass);
  const runId = crypto.randomUUID();
  await finishRun(platform, runId);
  const pid = await wasReached(faults, point);
  assert.throws(
    () => Deno.kill(pid, "SIGCONT"),
    Deno.errors.NotFound,
    "the process is gone",
  );
  assert.deepEqual(await leftovers(sql, runId), []);
  assert.deepEqual(await publishedRows(sql, runId), undisturbed);
}

/**
 * The worker is frozen with all rows of its revision written. The lease runs out; its successor (a second worker, as the frozen process is
 * no dead one to the supervisor) finishes the job; then the first is woken and goes on where it was.
 */
async function freeze(
  { platform, sql, faults, undisturbed }: World,
): Promise<void> {
  await arm(faults, "results_written", "freeze", 1);
  const runId = crypto.randomUUID();
  const signal = AbortSignal.timeout(RUN_MS);
  const jobId = await logRun(platform, runId, SEED, signal);
  const frozen = await until(signal, async () => {
    const pid = await Deno.readTextFile(join(faults, "results_written.pid"))
      .catch(() => "");
    return pid && (await stateOf(Number(pid))) === "T" ? Number(pid) : null;
  });
  assert.equal(frozen, platform.pidOf("worker"));
  const [before] = await sql`
    select count(*)::int as revisions, count(published_at)::int as published from assay.revisions where run_id = ${runId}`;
  assert.deepEqual(
    { ...before },
    { revisions: 1, published: 0 },
    "written, but seen by nobody",
  );

  const successor = startSuccessor(frozen);
  try {
    assert.equal(await waitForJob(platform, jobId, signal), "succeeded");
    const seen = await publishedRows(sql, runId);
    assert.deepEqual(seen, undisturbed);
    const [{ published_revision_id: revisionId }] = await sql`
      select published_revision_id from assay.runs where id = ${runId}` as never as [
      { published_revision_id: string },
    ];

    Deno.kill(frozen, "SIGCONT");
    // It has answered its delivery when it takes another one: a second run goes through it.
    await until(
      signal,
      async () => (await logOf(platform)).includes('"outcome":"lost"') || null,
    );
    assert.deepEqual(await publishedRows(sql, runId), seen);
    const [after] = await sql`
      select published_revision_id from assay.runs where id = ${runId}`;
    assert.equal(after!.published_revision_id, revisionId);
    assert.deepEqual(await leftovers(sql, runId), []);
  } finally {
    successor.kill("SIGKILL");
    await successor.status;
  }
}

/** A second worker with the environment of the first, at a port of its own; its sweeper finds the expired lease. */
function startSuccessor(frozen: number): Deno.ChildProcess {
  const env = Object.fromEntries(
    Deno.readTextFileSync(`/proc/${frozen}/environ`).split("\0").filter(Boolean)
      .map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      new URL("../../gpu-worker/main.ts", import.meta.url).pathname,
    ],
    clearEnv: true,
    env: { ...env, PORT: String(port), WORKER_URL: `http://127.0.0.1:${port}` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** One letter: T is stopped by a signal. */
async function stateOf(pid: number): Promise<string> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return text.slice(text.lastIndexOf(")") + 2)[0] ?? "";
}

function logOf(platform: Platform): Promise<string> {
  return Deno.readTextFile(join(platform.home, "logs", "worker.log")).catch(
    () => "",
  );
}

async function until<T>(
  signal: AbortSignal,
  ask: () => Promise<T | null>,
): Promise<T> {
  while (true) {
    const answer = await ask();
    if (answer !== null) return answer;
    await delay(50, undefined, { signal });
  }
}
