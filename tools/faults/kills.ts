import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Hit, Target } from "./hook.ts";
import {
  ownerOf,
  PART_TAKERS,
  type Point,
  POINTS,
  PROCESSES,
  type ProcessName,
} from "./points.ts";
import { until, type World } from "./world.ts";

/** A process to end at a point. */
export interface Kill {
  readonly victim: ProcessName;
  readonly point: Point;
}

/** A process that was ended at a point. */
export interface Killed extends Kill, Hit {
  /** When the process answered again; that of a training is known by its run. */
  readonly backAt: number | null;
}

const REACH_MS = 600_000; // a point of the third job of a run, on a machine that does other things
const BACK_MS = 60_000;
const MOST_PASSES = 3;

/** Attempts of an open task at which no further process is ended: it has five, and a sixth ending would rightly fail its job. */
const MOST_ATTEMPTS = 3;

/** Arms a point. */
export async function arm(
  { faults }: World,
  point: Point,
  action: "kill" | "freeze",
  target: Target,
  passes = 1,
): Promise<void> {
  for (const ending of ["hit", "taken", "passes"]) {
    await Deno.remove(join(faults, `${point}.${ending}`)).catch(() => {});
  }
  await Deno.writeTextFile(join(faults, `${point}.passes`), String(passes));
  const making = join(faults, `${point}.making`);
  await Deno.writeTextFile(making, JSON.stringify(target));
  await Deno.rename(making, join(faults, `${point}.${action}`));
}

/** Takes back what was not reached. */
export async function disarm({ faults }: World, point: Point): Promise<void> {
  for (const action of ["kill", "freeze"]) {
    await Deno.remove(join(faults, `${point}.${action}`)).catch(() => {});
  }
}

/** Waits until an armed point was reached. */
export async function reachedHit(
  { faults }: World,
  point: Point,
  limitMs = REACH_MS,
): Promise<Hit> {
  const path = join(faults, `${point}.hit`);
  return await until(`${point} is reached`, limitMs, async () => {
    const text = await Deno.readTextFile(path).catch(() => null);
    return text === null ? null : JSON.parse(text) as Hit;
  });
}

/** Ends a process at a point that some run in flight passes, and waits until it is back. */
export async function killAt(
  world: World,
  { victim, point }: Kill,
  random: () => number,
): Promise<Killed> {
  while (true) {
    await untilCalm(world);
    const target = victim === ownerOf(point)
      ? "self"
      : victim === "client"
      ? "client"
      : world.platform.pidOf(victim);
    if (target === 0) {
      await delay(25); // it is being started again
      continue;
    }
    const passes = 1 + Math.floor(random() * MOST_PASSES);
    await arm(world, point, "kill", target, passes);
    const hit = await reachedHit(world, point);
    if (hit.pid === null) continue; // whom we meant had just ended
    if (victim === "client") return { victim, point, ...hit, backAt: null };
    await until(
      `${victim} ended`,
      BACK_MS,
      () => Promise.resolve(world.platform.pidOf(victim) !== hit.pid || null),
    );
    await until(
      `${victim} is back after it was ended at ${point}`,
      BACK_MS,
      async () => await world.isUp(victim) || null,
    );
    return { victim, point, ...hit, backAt: Date.now() };
  }
}

async function untilCalm({ sql }: World): Promise<void> {
  await until("no task has used most of its attempts", REACH_MS, async () => {
    const [row] = await sql`
      select coalesce(max(t.attempts), 0)::int as attempts from assay.tasks t where t.state in ('queued', 'running')`;
    return row!.attempts < MOST_ATTEMPTS || null;
  });
}

/**
 * Every process at every point it has a part in, in an order that the seed gives.
 *
 * @param times How often each; 0.5: every other one, each process and each point among them.
 */
export function everyKill(times: number, random: () => number): Kill[] {
  const pairs = POINTS.flatMap((point, i) =>
    PROCESSES.filter((victim) => PART_TAKERS[point].includes(victim)).map((
      victim,
      j,
    ) => ({ victim, point, isOdd: (i + j) % 2 === 1 }))
  );
  const chosen = times < 1 ? pairs.filter(({ isOdd }) => isOdd) : pairs;
  const kills = Array.from({ length: Math.ceil(times) }, () => chosen).flat()
    .map(({ victim, point }) => ({ victim, point }));
  for (let i = kills.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [kills[i], kills[j]] = [kills[j]!, kills[i]!];
  }
  return kills;
}
