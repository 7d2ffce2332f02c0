import { AppError } from "@shared/errors.ts";
import type { TaskHandler } from "../runner/lease.ts";

/**
 * Job `rescore_run`: `prepare` finds what the run was scored by, `fold` and `encode` read it again where it is not kept, `score` makes a new
 * revision with other thresholds and what people said.
 */
export function rescoreRun(): TaskHandler {
  return (lease) => {
    throw new AppError(
      "unusable_input",
      `Cannot run task: job rescore_run has no stage "${lease.stage}"`,
    );
  };
}
