import type { ReachPoint } from "@shared/types/fault.ts";
import type { KnownGraphs, ScoreResult } from "../detectors/score_types.ts";
import type { Device } from "../graphs/session.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { ReviewStore } from "../store/review_store.ts";
import type { RevisionStore } from "../store/revision_store.ts";
import { decodeGraphs, encodeGraphs } from "../codecs/graphs_file.ts";
import { decodeSignals } from "../codecs/signals_file.ts";
import { decodeViews, type RunViews } from "../codecs/views_file.ts";
import { encodeColumns } from "./columns_file.ts";
import { ComputeThread } from "./compute_thread.ts";
import { type KeptFiles, toKept } from "./kept_files.ts";
import { NO_USABLE_OUTPUT_NOTE } from "./notes.ts";
import { detectorSettings, rescoringOf } from "./rescoring.ts";
import { reviewsOf } from "./reviews.ts";
import { scoreInputs } from "./score_inputs.ts";
import type { ScoreProgram } from "./score_worker.ts";
import { scoreShare } from "./stages.ts";
import { downloadWork, signalsPaths, uploadWork } from "./work_files.ts";

/** What the stage reaches outside itself. */
export interface ScoreDeps {
  readonly objects: ObjectStore;
  readonly revisions: RevisionStore;
  readonly reviews: ReviewStore;
  readonly device: Device;
  readonly reached: ReachPoint;
}

/** Share of the stage that computing is; the rest is writing. */
const COMPUTING = 0.6;
const NO_VIEWS: RunViews = { views: [], problems: [], notes: [] };

/**
 * Stage `score`: neighbours, detectors and words, written as a new revision that nobody sees until the task is completed. Where graphs of an
 * earlier scoring are kept, no neighbour is looked for again.
 */
export async function score(
  lease: Lease,
  deps: ScoreDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const { objects } = deps;
  const signalsFrom = signalsPaths(lease);
  const folded = decodeSignals(await downloadWork(objects, signalsFrom));
  const { views_paths: viewsPaths, graphs_paths: graphsPaths } = lease
    .payload as Partial<KeptFiles>;
  const seen = viewsPaths
    ? decodeViews(await downloadWork(objects, viewsPaths))
    : NO_VIEWS;
  const graphs = graphsPaths
    ? decodeGraphs(await downloadWork(objects, graphsPaths)) as KnownGraphs
    : null;
  const begins = lease.payload.begins_at as number | undefined;
  const [start, end] = begins !== undefined
    ? [begins, 1]
    : graphs
    ? [0, 1]
    : scoreShare(folded.splits, viewsPaths !== undefined);
  const progress = (fraction: number) =>
    report(start + (end - start) * fraction);
  progress(0);
  const rescoring = rescoringOf(lease);
  const { parent_id: parentId, ...settings } = rescoring;
  const reviews = settings.apply_verdicts
    ? reviewsOf(await deps.reviews.current(lease.runId), folded)
    : [];
  const found = await computeIn(
    {
      inputs: {
        ...scoreInputs(folded, seen),
        reviews,
        ...graphs && { graphs },
      },
      device: deps.device,
      settings: detectorSettings(settings.thresholds),
    },
    signal,
    (fraction) => progress(COMPUTING * fraction),
  );
  const signals = {
    ...folded,
    problems: [...folded.problems, ...seen.problems],
  };
  const notes = [
    ...folded.notes ?? [],
    ...seen.notes.filter((note) =>
      settings.model_id === null || note !== NO_USABLE_OUTPUT_NOTE
    ),
    ...found.summary.notes ?? [],
  ];
  const result = { ...found, summary: { ...found.summary, notes } };
  await deps.reached("compute_done", lease.runId);
  signal.throwIfAborted();

  const revisionId = crypto.randomUUID();
  const folder = `${lease.projectId}/${lease.runId}/revisions/${revisionId}`;
  const columnsPath = `${folder}/columns.arrow`;
  await objects.upload(
    columnsPath,
    encodeColumns(signals, result),
    "application/vnd.apache.arrow.stream",
  );
  const areKnown = graphs !== null &&
    found.graphs.keys().every((name) => graphs.has(name));
  const kept = toKept({
    signals_paths: signalsFrom,
    ...viewsPaths && { views_paths: viewsPaths },
    graphs_paths: areKnown ? graphsPaths! : await uploadWork(
      objects,
      `${folder}/graphs.bin`,
      encodeGraphs(found.graphs),
    ),
  });
  await deps.revisions.write(
    {
      revisionId,
      columnsPath,
      projectId: lease.projectId,
      runId: lease.runId,
      jobId: lease.jobId,
      parentId,
      settings: { ...settings, n_verdicts: reviews.length },
      kept,
    },
    signals,
    result,
    (fraction) => progress(COMPUTING + (1 - COMPUTING) * fraction),
    signal,
  );
  await deps.reached("results_written", lease.runId);
  return { result: { revision_id: revisionId }, next: null, revisionId };
}

async function computeIn(
  request: Parameters<ScoreProgram["score"]>[0],
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<ScoreResult> {
  using thread = new ComputeThread<ScoreProgram>(
    new URL("./score_worker.ts", import.meta.url),
    signal,
  );
  return await thread.call("score", request, { onProgress });
}
