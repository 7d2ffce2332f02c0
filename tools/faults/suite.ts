import { ensureVenv, TEST_REQUIREMENTS } from "../python/venv.ts";
import { POINTS, PROCESSES } from "./points.ts";
import { killsOf, makeRounds } from "./rounds.ts";
import type { ReportHead, ReportRow } from "./report.ts";
import { makeUndisturbed, type RunRecord } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { QUICK_SCENARIOS, SCENARIOS } from "./scenarios/mod.ts";
import { mulberry32, type Workload } from "./workload.ts";
import { startWorld, type World } from "./world.ts";

/** What to run. */
export interface SuiteOptions {
  readonly seed: number;
  /** A tenth of the kills, and one scenario of each sort once. */
  readonly isQuick: boolean;
  /** Only what has this in its fault and point. */
  readonly only: string;
  readonly say: (line: string) => void;
}

/** What it came to. */
export interface SuiteResult {
  readonly head: Pick<ReportHead, "runs" | "kills" | "disk">;
  readonly rows: readonly ReportRow[];
  /** A sentence for each point that was not reached, and each run that differs. */
  readonly failures: readonly string[];
}

const TIMES = 2;
const TRIES = 3;

/** Runs the suite on a platform of its own. */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const { seed, isQuick, only, say } = options;
  const random = mulberry32(seed);
  const workloads = workloadsOf(seed, isQuick ? 1 : 3);
  const world = await startWorld(say);
  try {
    say("the platform is up");
    for (const workload of workloads) await makeUndisturbed(world, workload);
    say(`${workloads.length} undisturbed runs to compare with`);
    const kills = killsOf(isQuick, random).filter(({ victim, point }) =>
      `kill -9 ${victim} ${point}`.includes(only)
    );
    const rounds = await makeRounds(world, kills, workloads, random);
    const rows = [...rounds.rows].sort(byPath);
    const runs = [...rounds.runs];
    const failures = [...rounds.failures];
    const named = (isQuick ? QUICK_SCENARIOS : SCENARIOS)
      .filter(({ fault, point }) => `${fault} ${point}`.includes(only));
    const hasPython = named.some((scenario) => scenario.needsPython) &&
      await isPythonThere(say);
    const chosen = named.filter(({ needsPython }) => !needsPython || hasPython);
    for (const scenario of chosen) {
      const tried = await tryScenario(
        world,
        scenario,
        workloads,
        isQuick ? 1 : TIMES,
      );
      rows.push(tried.row);
      runs.push(...tried.runs);
      failures.push(...tried.failures);
    }
    failures.push(
      ...runs.filter(({ words }) => words.length > 0).map(({ runId, words }) =>
        `run ${runId}: ${words.join("; ")}`
      ),
    );
    const disk = world.isSmallDisk
      ? "a disk of 256 MB for Storage, filled to the last byte"
      : "every write of Storage is refused, as no disk may be mounted here";
    return {
      head: { runs: runs.length, kills: sum(rounds.rows, "reached"), disk },
      rows,
      failures,
    };
  } finally {
    await world.stop();
  }
}

/** Whether Python with the packages of the SDK is there or can be had; if not, the reason is said. */
async function isPythonThere(say: (line: string) => void): Promise<boolean> {
  try {
    await ensureVenv(TEST_REQUIREMENTS);
    return true;
  } catch (error) {
    say(`skipped: trainings in Python: ${(error as Error).message}`);
    return false;
  }
}

/** Makes a scenario happen some times; one that was not reached is tried again. */
export async function tryScenario(
  world: World,
  scenario: Scenario,
  workloads: readonly Workload[],
  times: number,
): Promise<{ row: ReportRow; runs: RunRecord[]; failures: string[] }> {
  const { fault, point } = scenario;
  const wanted = scenario.kind ?? "outputs";
  const fitting = workloads.filter(({ kind }) => kind === wanted);
  const runs: RunRecord[] = [];
  const failures: string[] = [];
  const recoveries: number[] = [];
  let [reached, doubled, stuck] = [0, 0, 0];
  for (let time = 0; time < times; time++) {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        const workload = fitting[time % fitting.length]!;
        const outcome = await scenario.once(world, workload);
        runs.push(...outcome.runs);
        doubled += outcome.doubled ?? 0;
        stuck += outcome.stuck ?? 0;
        if (!outcome.isReached) continue;
        reached++;
        if (outcome.recoveryMs !== null) {
          recoveries.push(outcome.recoveryMs / 1000);
        }
        break;
      } catch (error) {
        failures.push(`${fault} at ${point}: ${(error as Error).message}`);
        stuck++;
        break;
      }
    }
  }
  if (reached < times) {
    failures.push(`${fault} at ${point}: reached ${reached} of ${times} times`);
  }
  const row = {
    fault,
    point,
    runs: runs.length,
    reached,
    lost: sum(runs, "lost"),
    doubled: sum(runs, "doubled") + doubled,
    stuck: sum(runs, "stuck") + stuck,
    recoveries,
  };
  if (row.lost + row.doubled + row.stuck > 0) {
    failures.push(
      `${fault} at ${point}: ${row.lost} lost, ${row.doubled} doubled, ${row.stuck} stuck`,
    );
  }
  world.say(`${fault} at ${point}: reached ${reached} of ${times} times`);
  return { row, runs, failures };
}

/** Workloads of the suite: some seeds with outputs, fewer of the other kinds. */
export function workloadsOf(seed: number, n: number): Workload[] {
  const fewer = Math.ceil(n / 2);
  return (["outputs", "contents", "rescored"] as const).flatMap((kind) =>
    Array.from(
      { length: kind === "outputs" ? n : fewer },
      (_, i) => ({ seed: seed + i, kind }),
    )
  );
}

function sum<K extends string>(
  rows: readonly Readonly<Record<K, number>>[],
  name: K,
): number {
  return rows.reduce((total, row) => total + row[name], 0);
}

function byPath(a: ReportRow, b: ReportRow): number {
  return place(a) - place(b);
}

function place({ fault, point }: ReportRow): number {
  const victim = PROCESSES.findIndex((name) => fault.endsWith(name));
  return victim * POINTS.length + POINTS.indexOf(point as never);
}
