import { AppError } from "@shared/errors.ts";
import type { TaskHandler } from "../runner/lease.ts";
import { encode, type EncodeDeps } from "./encode.ts";
import { fold, type FoldDeps } from "./fold.ts";
import { score, type ScoreDeps } from "./score.ts";

/**
 * Job `score_run`: `fold` reads what a training logged, `encode` what the samples hold where there are no outputs, `score` ranks it.
 *
 * @param deps What its stages reach outside themselves.
 */
export function scoreRun(deps: FoldDeps & EncodeDeps & ScoreDeps): TaskHandler {
  return (lease, report, signal) => {
    if (lease.stage === "fold") return fold(lease, deps, report, signal);
    if (lease.stage === "encode") return encode(lease, deps, report, signal);
    if (lease.stage === "score") return score(lease, deps, report, signal);
    throw new AppError(
      "unusable_input",
      `Cannot run task: job score_run has no stage "${lease.stage}"`,
    );
  };
}
