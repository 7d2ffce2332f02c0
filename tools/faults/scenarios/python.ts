import { ensureVenv, TEST_REQUIREMENTS } from "../../python/venv.ts";
import { arm, reachedHit } from "../kills.ts";
import { ownerOf, type Point } from "../points.ts";
import { makeRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";

/** A training that logs with the Python SDK is ended at a point, and started again as the same writer: one generation higher. */
export function pythonKilled(point: Point): Scenario {
  return {
    fault: "kill -9 client (Python SDK)",
    point,
    needsPython: true,
    async once(world, workload) {
      const python = await ensureVenv(TEST_REQUIREMENTS);
      await arm(
        world,
        point,
        "kill",
        ownerOf(point) === "client" ? "self" : "client",
      );
      const running = makeRun(world, workload, { python });
      const { at, pid } = await reachedHit(world, point);
      const run = await running;
      const next = run.trainings.find(({ openedAt }) =>
        openedAt !== null && openedAt > at
      );
      return {
        isReached: run.trainings.some((training) => training.pid === pid),
        runs: [run],
        recoveryMs: (next?.openedAt ?? run.endedAt) - at,
      };
    },
  };
}
