/**
 * The thread that scores.
 *
 * @module
 */
import { scoreDataset } from "../detectors/score_dataset.ts";
import type {
  ScoreInputs,
  ScoreOptions,
  ScoreResult,
} from "../detectors/score_types.ts";
import { serveThread } from "./serve_thread.ts";

/** What the thread can be asked for. */
export type ScoreProgram = {
  /** Scores a run. */
  score(request: {
    readonly inputs: ScoreInputs;
    readonly device: NonNullable<ScoreOptions["device"]>;
    readonly settings: NonNullable<ScoreOptions["settings"]>;
  }): ScoreResult;
};

serveThread<ScoreProgram>({
  score: ({ inputs, device, settings }, { onProgress }) =>
    scoreDataset(inputs, { device, settings, onProgress }),
});
