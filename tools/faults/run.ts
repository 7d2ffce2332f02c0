import { compare, type Difference, publishedRows } from "./rows.ts";
import { train, type Training } from "./trainings.ts";
import { nameOf, until, type World } from "./world.ts";
import { partsOf, scoringsOf, type Workload } from "./workload.ts";

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

/** A run that has not ended by then, for each time it is scored, is stuck: while processes are ended without a pause, the unlucky take minutes. */
export const RUN_MS = 300_000;

/** How a run is made. */
export interface RunOptions {
  readonly runId?: string;
  readonly limitMs?: number;
  /** Python that logs it with the Python SDK; default: the TypeScript SDK. */
  readonly python?: string;
}

/** Makes one run from beginning to end, and compares it with an undisturbed one. Never throws for what becomes of the run. */
export async function makeRun(
  world: World,
  workload: Workload,
  options: RunOptions = {},
): Promise<RunRecord> {
  const runId = options.runId ?? crypto.randomUUID();
  const startedAt = Date.now();
  const limitMs = options.limitMs ?? RUN_MS * scoringsOf(workload);
  const signal = AbortSignal.timeout(limitMs);
  const trainings: Training[] = [];
  let problem: string | null;
  try {
    problem = await train(
      world,
      {
        runId,
        workload,
        python: options.python ?? null,
      },
      trainings,
      signal,
    );
  } catch (error) {
    problem = `not ended: ${(error as Error).message}`;
  }
  return {
    runId,
    workload,
    startedAt,
    endedAt: Date.now(),
    trainings,
    ...await outcomeOf(
      world,
      runId,
      workload,
      problem,
      options.python ? null : partsOf(workload), // how Python cuts its rows depends on time
    ),
  };
}

/** Makes the run that the others are compared with. */
export async function makeUndisturbed(
  world: World,
  workload: Workload,
): Promise<void> {
  const runId = crypto.randomUUID();
  const signal = AbortSignal.timeout(RUN_MS * scoringsOf(workload));
  const problem = await train(
    world,
    { runId, workload, python: null },
    [],
    signal,
  );
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
  nParts: number | null = partsOf(workload),
): Promise<Difference & { readonly ids: readonly string[] }> {
  const { sql } = world;
  const found = await until("the database answers", 30_000, async () => ({
    difference: await compare(
      sql,
      runId,
      world.undisturbed.get(nameOf(workload))!,
      nParts,
      scoringsOf(workload),
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
