import { join } from "node:path";
import { compare, type Difference, publishedRows } from "./rows.ts";
import { nameOf, until, type World } from "./world.ts";
import { partsOf, type Workload } from "./workload.ts";

/** What became of one run. */
export interface RunRecord extends Difference {
  readonly runId: string;
  readonly workload: Workload;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Its trainings: process id, and when it had opened the run. */
  readonly trainings: readonly Training[];
  /** The run, its job and tasks: whatever a point may name it by. */
  readonly ids: readonly string[];
}

/** A process that logs a run. */
export interface Training {
  readonly pid: number;
  /** Milliseconds since 1970; null: it was ended before. */
  openedAt: number | null;
}

/** A run that has not ended by then is stuck. */
export const RUN_MS = 120_000;

const ROOT = new URL("../..", import.meta.url).pathname;
const CLIENT = new URL("./client.ts", import.meta.url).pathname;

/** Makes one run from beginning to end, and compares it with an undisturbed one. Never throws for what becomes of the run. */
export async function makeRun(
  world: World,
  workload: Workload,
  options: { readonly runId?: string; readonly limitMs?: number } = {},
): Promise<RunRecord> {
  const runId = options.runId ?? crypto.randomUUID();
  const startedAt = Date.now();
  const signal = AbortSignal.timeout(options.limitMs ?? RUN_MS);
  const trainings: Training[] = [];
  let problem: string | null;
  try {
    problem = await train(world, runId, workload, trainings, signal);
  } catch (error) {
    problem = `not ended: ${(error as Error).message}`;
  }
  return {
    runId,
    workload,
    startedAt,
    endedAt: Date.now(),
    trainings,
    ...await outcomeOf(world, runId, workload, problem),
  };
}

/** Makes the run that the others are compared with. */
export async function makeUndisturbed(
  world: World,
  workload: Workload,
): Promise<void> {
  const runId = crypto.randomUUID();
  const signal = AbortSignal.timeout(RUN_MS);
  const problem = await train(world, runId, workload, [], signal);
  if (problem !== null) {
    throw new Error(`Cannot make the undisturbed run: ${problem}`);
  }
  const rows = await publishedRows(world.sql, runId);
  if (rows.length < 130) {
    throw new Error(
      `Cannot compare with ${rows.length} rows: an undisturbed run has more`,
    );
  }
  world.undisturbed.set(nameOf(workload), rows);
}

/** How a run differs from the undisturbed one of its workload, as it is now. */
export async function outcomeOf(
  world: World,
  runId: string,
  workload: Workload,
  problem: string | null = null,
): Promise<Difference & { readonly ids: readonly string[] }> {
  const { sql } = world;
  const found = await until("the database answers", 30_000, async () => ({
    difference: await compare(
      sql,
      runId,
      world.undisturbed.get(nameOf(workload))!,
      partsOf(workload),
    ),
    rows: await sql`
      select j.id from assay.jobs j where j.run_id = ${runId}
      union select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id where j.run_id = ${runId}`,
  }));
  const { difference } = found;
  const ids = [runId, ...found.rows.map((row) => row.id)];
  if (problem === null) return { ...difference, ids };
  return {
    ...difference,
    ids,
    stuck: Math.max(1, difference.stuck),
    words: [problem, ...difference.words],
  };
}

/** Runs the training, again when it was ended, until the run is scored. Returns why it is not. */
async function train(
  { platform, faults }: World,
  runId: string,
  workload: Workload,
  trainings: Training[],
  signal: AbortSignal,
): Promise<string | null> {
  const { url, apiKey } = platform;
  const note = join(faults, "clients", runId);
  while (true) {
    const words = JSON.stringify({ url, apiKey, runId, workload });
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", CLIENT, words],
      cwd: ROOT,
      env: { ASSAY_FAULT_DIR: faults },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
    const training: Training = { pid: child.pid, openedAt: null };
    trainings.push(training);
    await Deno.writeTextFile(note, String(child.pid));
    const said = new Response(child.stderr).text();
    for await (const _ of child.stdout) {
      training.openedAt = Date.now();
    }
    const { code, signal: ending } = await child.status;
    await Deno.remove(note);
    if (code === 0) return null;
    if (signal.aborted) return "not ended in time";
    if (ending !== "SIGKILL") {
      const [line = "", ...rest] = (await said).trim().split("\n");
      return `the training failed: ${[line, ...rest.slice(0, 2)].join(" ")}`;
    }
  }
}
