import { join } from "node:path";
import { everyKill, type Kill, killAt, type Killed } from "./kills.ts";
import { makeRun, type RunRecord } from "./run.ts";
import type { ReportRow } from "./report.ts";
import type { Workload } from "./workload.ts";
import type { World } from "./world.ts";

/** Runs in flight at once, and kills that are waited for at once. */
const LANES = 6;
const SLOTS = 6;

/** What runs are, in turn. */
const KINDS = ["outputs", "rescored", "contents", "rescored"] as const;

/** What the rounds of kills came to. */
export interface Rounds {
  readonly rows: readonly ReportRow[];
  readonly runs: readonly RunRecord[];
  /** Kills whose point was never reached, or whose process did not come back. */
  readonly failures: readonly string[];
}

/**
 * Ends processes at points while runs are made without a pause, until every kill was made; then lets the runs end.
 *
 * @param kills In the order they are tried.
 * @param workloads Of the runs.
 */
export async function makeRounds(
  world: World,
  kills: readonly Kill[],
  workloads: readonly Workload[],
  random: () => number,
): Promise<Rounds> {
  const waiting = [...kills];
  const busy = new Set<string>();
  const done: Killed[] = [];
  const failures: string[] = [];
  const runs: RunRecord[] = [];
  let isOver = waiting.length === 0;
  let n = 0;

  const slot = async () => {
    while (waiting.length > 0) {
      const kill = takeFree(waiting, busy);
      if (kill === null) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      const claims = [kill.point, kill.victim];
      for (const claim of claims) busy.add(claim);
      try {
        done.push(await killAt(world, kill, random));
      } catch (error) {
        failures.push(
          `kill -9 ${kill.victim} at ${kill.point}: ${
            (error as Error).message
          }`,
        );
      }
      for (const claim of claims) busy.delete(claim);
      if (done.length % 20 === 0) {
        world.say(
          `${done.length} of ${kills.length} kills, ${runs.length} runs ended`,
        );
      }
    }
  };
  const lane = async () => {
    while (!isOver) {
      const kind = KINDS[n % KINDS.length]!;
      const fitting = workloads.filter((w) => w.kind === kind);
      const run = await makeRun(
        world,
        fitting[Math.floor(n++ / KINDS.length) % fitting.length]!,
      );
      runs.push(run);
      if (run.words.length > 0) {
        world.say(`run ${run.runId} differs: ${run.words.join("; ")}`);
      }
    }
  };
  const lanes = isOver ? [] : Array.from({ length: LANES }, lane);
  await Promise.all(Array.from({ length: SLOTS }, slot));
  isOver = true;
  await Promise.all(lanes);
  return { rows: await rowsOf(world, done, runs), runs, failures };
}

/** Kills of the suite by how thorough it is to be. */
export function killsOf(isQuick: boolean, random: () => number): Kill[] {
  return everyKill(isQuick ? 0.5 : 5, random);
}

/** The first kill whose point and process no other one waits for. */
function takeFree(waiting: Kill[], busy: ReadonlySet<string>): Kill | null {
  const at = waiting.findIndex(({ point, victim }) =>
    !busy.has(point) && !busy.has(victim)
  );
  return at < 0 ? null : waiting.splice(at, 1)[0]!;
}

async function rowsOf(
  { faults }: World,
  done: readonly Killed[],
  runs: readonly RunRecord[],
): Promise<ReportRow[]> {
  const trace = (await Deno.readTextFile(join(faults, "trace")).catch(() => ""))
    .split("\n").map((line) => {
      const [at, , subject = ""] = line.split("\t");
      return { at: Number(at), subject };
    });
  const groups = Map.groupBy(done, (k) => `${k.victim}\t${k.point}`);
  return [...groups.values()].map((kills) => {
    const hit = runs.filter(({ startedAt, endedAt }) =>
      kills.some(({ at }) => startedAt <= at && at <= endedAt)
    );
    const sum = (of: (run: RunRecord) => number) =>
      hit.reduce((total, run) => total + of(run), 0);
    return {
      fault: `kill -9 ${kills[0]!.victim}`,
      point: kills[0]!.point,
      runs: hit.length,
      reached: kills.length,
      lost: sum((run) => run.lost),
      doubled: sum((run) => run.doubled),
      stuck: sum((run) => run.stuck),
      recoveries: kills.map((kill) => recoveryOf(kill, runs, trace) / 1000),
    };
  });
}

/** Until the process answers again, and the run that was at the point goes on, whichever is later. */
function recoveryOf(
  { at, backAt, pid, subject, victim }: Killed,
  runs: readonly RunRecord[],
  trace: readonly { at: number; subject: string }[],
): number {
  if (victim === "client") {
    const trainings = runs.flatMap((run) =>
      run.trainings.some((t) => t.pid === pid) ? run.trainings : []
    );
    const next = trainings.find(({ openedAt }) =>
      openedAt !== null && openedAt > at
    );
    return (next?.openedAt ?? at) - at;
  }
  const owner = runs.find(({ ids }) => ids.some((id) => subject.includes(id)));
  const back = backAt ?? at;
  if (!owner) return back - at;
  const next = trace.find((event) =>
    event.at > at && owner.ids.some((id) => event.subject.includes(id))
  );
  return Math.max(back, next?.at ?? owner.endedAt) - at;
}
