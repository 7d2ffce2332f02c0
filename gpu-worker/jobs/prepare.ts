// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { RescoreOptions } from "@shared/types/job.ts";
import type { Lease, TaskOutcome } from "../runner/lease.ts";
import type { RevisionStore } from "../store/revision_store.ts";
import type { RunStore } from "../store/run_store.ts";
import { fromKept } from "./kept_files.ts";
import type { Rescoring } from "./rescoring.ts";

/** What the stage reaches outside itself. */
export interface PrepareDeps {
  readonly runs: RunStore;
  readonly revisions: RevisionStore;
}

/**
 * Stage `prepare`: what the run is scored by now, and what of it is kept. Where nothing is, as in a revision of before anything was, the parts
 * are folded again. A model that was run over the samples before is not run again; left out, what it said stays.
 */
export async function prepare(
  lease: Lease,
  { runs, revisions }: PrepareDeps,
): Promise<TaskOutcome> {
  const { settings, apply_verdicts, ...asked } = lease
    .request as unknown as RescoreOptions;
  await runs.run(lease.runId); // refuses one whose files are gone
  const parent = await revisions.published(lease.runId);
  const before = parent.settings as Partial<Rescoring>;
  const { model_id = null, prediction_kind } = asked.model_id === undefined
    ? before
    : asked;
  const rescoring: Rescoring = {
    parent_id: parent.revisionId,
    thresholds: settings ?? before.thresholds ?? {},
    apply_verdicts,
    model_id,
    ...prediction_kind ? { prediction_kind } : {},
  };
  const isOfSameModel = (before.model_id ?? null) === model_id &&
    before.prediction_kind === prediction_kind;
  // what another model said is kept in the place of what was logged
  const files = isOfSameModel || !before.model_id
    ? fromKept(parent.kept)
    : null;
  if (!files && model_id !== null && asked.model_id === undefined) {
    // whoever may not run a model must not have it run
    throw new AppError(
      "unusable_input",
      `Cannot rescore by what model "${model_id}" said: it is kept no longer; name model_id to run the model again, or null for what was logged`,
    );
  }
  return {
    result: {},
    next: {
      stage: !files ? "fold" : isOfSameModel ? "score" : "infer",
      payloads: [{ ...files, rescoring }],
    },
    revisionId: null,
  };
}
