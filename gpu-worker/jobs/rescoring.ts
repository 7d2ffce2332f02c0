// deno-lint-ignore-file camelcase
import type { PredictionKind } from "@shared/types/part.ts";
import type { Thresholds } from "@shared/types/threshold.ts";
import type { ScoreOptions } from "../detectors/score_types.ts";
import type { Lease, TaskOutcome } from "../runner/lease.ts";

/** What a scoring goes by, from the first stage of its job to the last; plain JSON. */
export interface Rescoring {
  /** Revision that it starts from; null: the run is scored for the first time, or from the beginning. */
  readonly parent_id: string | null;
  /** Thresholds that differ from their defaults. */
  readonly thresholds: Thresholds;
  /** Whether what people said counts. */
  readonly apply_verdicts: boolean;
  /** Stored model that was run over the samples; null: by what was logged. */
  readonly model_id: string | null;
  /** Whether that model had trained on the samples; left out: on those of split training. */
  readonly prediction_kind?: PredictionKind;
}

const FIRST: Rescoring = {
  parent_id: null,
  thresholds: {},
  apply_verdicts: true,
  model_id: null,
};

/** What a task goes by; one of `score_run` says nothing and goes by the defaults. */
export function rescoringOf({ payload }: Lease): Rescoring {
  return payload.rescoring as Rescoring | undefined ?? FIRST;
}

/** The outcome of a stage that knows nothing of rescoring, so that the next one hears what the job goes by. */
export function carryRescoring(
  lease: Lease,
  outcome: TaskOutcome,
): TaskOutcome {
  const { next } = outcome;
  if (next === null) return outcome;
  const rescoring = rescoringOf(lease);
  const payloads = next.payloads.map((payload) => ({ ...payload, rescoring }));
  return { ...outcome, next: { ...next, payloads } };
}

/** Thresholds under the names that detectors know. */
export function detectorSettings(
  thresholds: Thresholds,
): NonNullable<ScoreOptions["settings"]> {
  return Object.fromEntries(
    Object.entries(thresholds).map(([issueType, values]) => [
      issueType,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase()),
          value,
        ]),
      ),
    ]),
  );
}
