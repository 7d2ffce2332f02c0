import { join } from "node:path";
import { makeRun } from "../run.ts";
import type { ProcessName } from "../points.ts";
import type { Scenario } from "../scenario.ts";
import { until, type World } from "../world.ts";

const ENTRIES: Readonly<Record<string, string>> = {
  ingest: "functions/ingest/index.ts",
  api: "functions/api/index.ts",
  storage: "local/storage/main.ts",
  worker: "gpu-worker/main.ts",
};

/** Clocks of some processes are an hour off while a run is made; nobody should notice. */
export function skewed(
  names: readonly ProcessName[],
  hours: number,
): Scenario {
  return {
    fault: `clock of ${names.join(" and ")} off by ${signed(hours)} h`,
    point: "anywhere",
    async once(world, workload) {
      await setClocks(world, names, hours);
      const run = await makeRun(world, workload);
      await setClocks(world, names, 0);
      return { isReached: true, runs: [run], recoveryMs: null };
    },
  };
}

/** A worker whose clock is an hour off takes no delivery, as signatures have a time; when it is set right the run goes on. */
export function skewedWorker(hours: number): Scenario {
  return {
    fault: `clock of worker off by ${signed(hours)} h, then set right`,
    point: "message_answered",
    async once(world, workload) {
      await setClocks(world, ["worker"], hours);
      const since = new Date();
      const running = makeRun(world, workload);
      const isReached = await until(
        "a delivery is refused",
        30_000,
        async () => {
          const [row] = await world.sql`
          select count(*)::int as n from assay_queue.events where response_status = 401 and at > ${since}`;
          return row!.n > 0 || null;
        },
      ).catch(() => false);
      await setClocks(world, ["worker"], 0);
      const end = Date.now();
      const run = await running;
      return { isReached, runs: [run], recoveryMs: Date.now() - end };
    },
  };
}

async function setClocks(
  world: World,
  names: readonly ProcessName[],
  hours: number,
): Promise<void> {
  const { faults, platform } = world;
  const skews = hours === 0
    ? {}
    : Object.fromEntries(names.map((name) => [ENTRIES[name]!, hours * 3.6e6]));
  await Deno.writeTextFile(join(faults, "skew.json"), JSON.stringify(skews));
  for (const name of names) {
    const pid = platform.pidOf(name);
    platform.kill(name, "SIGKILL");
    await until(
      `${name} is back with its clock changed`,
      30_000,
      async () =>
        platform.pidOf(name) !== pid && await world.isUp(name) || null,
    );
  }
}

function signed(hours: number): string {
  return hours > 0 ? `+${hours}` : `−${-hours}`;
}
