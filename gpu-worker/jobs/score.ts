import type { ReachPoint } from "@shared/types/fault.ts";
import type { ScoreInputs } from "../detectors/score_types.ts";
import type { Device } from "../graphs/session.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { RevisionStore } from "../store/revision_store.ts";
import { encodeColumns } from "./columns_file.ts";
import { scoreInThread } from "./compute_thread.ts";
import { decodeSignals, type RunSignals } from "../codecs/signals_file.ts";

/** What the stage reaches outside itself. */
export interface ScoreDeps {
  readonly objects: ObjectStore;
  readonly revisions: RevisionStore;
  readonly device: Device;
  readonly reached: ReachPoint;
}

const STARTED = 0.5; // share of the job that stage fold was
const COMPUTED = 0.8;

/**
 * Stage `score`: neighbours, detectors and words, written as a new revision that nobody sees until the task is completed.
 */
export async function score(
  lease: Lease,
  deps: ScoreDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const path = String(lease.payload.signals_path);
  const signals = decodeSignals(await deps.objects.download(path));
  report(STARTED);
  const result = await scoreInThread(
    { inputs: inputsOf(signals), device: deps.device },
    (fraction) => report(STARTED + (COMPUTED - STARTED) * fraction),
    signal,
  );
  await deps.reached("compute_done");
  signal.throwIfAborted();

  const revisionId = crypto.randomUUID();
  const columnsPath =
    `${lease.projectId}/${lease.runId}/revisions/${revisionId}/columns.arrow`;
  await deps.objects.upload(
    columnsPath,
    encodeColumns(signals, result),
    "application/vnd.apache.arrow.stream",
  );
  await deps.revisions.write(
    {
      revisionId,
      columnsPath,
      projectId: lease.projectId,
      runId: lease.runId,
      jobId: lease.jobId,
    },
    signals,
    result,
    (fraction) => report(COMPUTED + (1 - COMPUTED) * fraction),
    signal,
  );
  await deps.reached("results_written");
  return { result: { revision_id: revisionId }, next: null, revisionId };
}

function inputsOf({ labelNames, splits }: RunSignals): ScoreInputs {
  return {
    labelNames,
    splits: splits.map((split) => ({
      split: split.split,
      isOutOfSample: split.isOutOfSample,
      dynamics: split.dynamics,
      embeddings: split.embeddings && {
        data: split.embeddings,
        rows: split.sampleIds.length,
        cols: split.width,
      },
      contentHashes: split.contentHashes,
      textSignatures: split.textSignatures,
      sampleIds: split.sampleIds,
    })),
  };
}
