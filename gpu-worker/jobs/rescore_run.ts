import { AppError } from "@shared/errors.ts";
import type {
  Lease,
  ReportProgress,
  TaskHandler,
  TaskOutcome,
} from "../runner/lease.ts";
import { encode, type EncodeDeps } from "./encode.ts";
import { fold, type FoldDeps } from "./fold.ts";
import { infer, type InferDeps } from "./infer.ts";
import { prepare, type PrepareDeps } from "./prepare.ts";
import { carryRescoring, rescoringOf } from "./rescoring.ts";
import { score, type ScoreDeps } from "./score.ts";
import { SHARES } from "./stages.ts";

/** What its stages reach outside themselves. */
export type RescoreDeps =
  & PrepareDeps
  & FoldDeps
  & EncodeDeps
  & InferDeps
  & ScoreDeps;

/**
 * Job `rescore_run`: `prepare` finds what the run was scored by, `fold` and `encode` read it again where it is not kept, `infer` runs a
 * stored model over the samples, `score` makes a new revision with other thresholds and what people said.
 *
 * @param deps What its stages reach outside themselves.
 */
export function rescoreRun(deps: RescoreDeps): TaskHandler {
  return async (lease, report, signal) => {
    const outcome = await runStage(lease, deps, report, signal);
    if (lease.stage === "prepare" || outcome === "again") return outcome;
    return carryRescoring(lease, inferFirst(lease, outcome));
  };
}

/** A model comes between what was folded anew and its scoring. */
function inferFirst(lease: Lease, outcome: TaskOutcome): TaskOutcome {
  const { next } = outcome;
  const isDue = rescoringOf(lease).model_id !== null &&
    lease.stage !== "infer" && next?.stage === "score";
  if (!isDue) return outcome;
  const payloads = next.payloads.map((payload) => ({
    ...payload,
    begins_at: SHARES.withBoth.score[0],
  }));
  return { ...outcome, next: { stage: "infer", payloads } };
}

function runStage(
  lease: Lease,
  deps: RescoreDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome | "again"> {
  if (lease.stage === "prepare") return prepare(lease, deps);
  if (lease.stage === "fold") return fold(lease, deps, report, signal);
  if (lease.stage === "encode") return encode(lease, deps, report, signal);
  if (lease.stage === "infer") return infer(lease, deps, report, signal);
  if (lease.stage === "score") return score(lease, deps, report, signal);
  throw new AppError(
    "unusable_input",
    `Cannot run task: job rescore_run has no stage "${lease.stage}"`,
  );
}
