import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import type { ScoreResult } from "../../gpu-worker/detectors/score_types.ts";
import { readTrainedRun, type TrainedRun } from "./trained_run.ts";
import type { MadeRun } from "./make_runs.ts";

/** A training, and what Assay says of it. */
export interface AssayRun {
  /** The training. */
  readonly run: TrainedRun;
  /** Everything a revision would hold. */
  readonly result: ScoreResult;
  /** Wall-clock seconds that scoring took. */
  readonly seconds: number;
}

const known = new Map<string, Promise<AssayRun>>();

/** Scores a training as a worker does; once in a benchmark, whatever subjects ask. */
export function assayRun(made: MadeRun): Promise<AssayRun> {
  const found = known.get(made.folder) ?? scored(made);
  known.set(made.folder, found);
  return found;
}

async function scored({ folder, contents }: MadeRun): Promise<AssayRun> {
  const run = await readTrainedRun(folder, contents);
  const start = performance.now();
  const result = await scoreDataset(run.inputs);
  return { run, result, seconds: (performance.now() - start) / 1000 };
}

/** 1 where a sample is flagged mislabeled, (n,). */
export function flagsOf(result: ScoreResult): Uint8Array {
  const flags = new Uint8Array(result.columns.rank.length);
  for (const { row, issueType } of result.issues) {
    if (issueType === "mislabeled") flags[row] = 1;
  }
  return flags;
}
