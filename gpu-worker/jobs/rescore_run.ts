import { AppError } from "@shared/errors.ts";
import type {
  Lease,
  ReportProgress,
  TaskHandler,
  TaskOutcome,
} from "../runner/lease.ts";
import { encode, type EncodeDeps } from "./encode.ts";
import { fold, type FoldDeps } from "./fold.ts";
import { prepare, type PrepareDeps } from "./prepare.ts";
import { carryRescoring } from "./rescoring.ts";
import { score, type ScoreDeps } from "./score.ts";

/** What its stages reach outside themselves. */
export type RescoreDeps = PrepareDeps & FoldDeps & EncodeDeps & ScoreDeps;

/**
 * Job `rescore_run`: `prepare` finds what the run was scored by, `fold` and `encode` read it again where it is not kept, `score` makes a new
 * revision with other thresholds and what people said.
 *
 * @param deps What its stages reach outside themselves.
 */
export function rescoreRun(deps: RescoreDeps): TaskHandler {
  return async (lease, report, signal) => {
    const outcome = await runStage(lease, deps, report, signal);
    return lease.stage === "prepare" ? outcome : carryRescoring(lease, outcome);
  };
}

function runStage(
  lease: Lease,
  deps: RescoreDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  if (lease.stage === "prepare") return prepare(lease, deps);
  if (lease.stage === "fold") return fold(lease, deps, report, signal);
  if (lease.stage === "encode") return encode(lease, deps, report, signal);
  if (lease.stage === "score") return score(lease, deps, report, signal);
  throw new AppError(
    "unusable_input",
    `Cannot run task: job rescore_run has no stage "${lease.stage}"`,
  );
}
