/**
 * Logs a training to Assay and reads what it found: `startRun()`, then `logSamples()`, `logOutputs()`, `finish()`, `wait()`, `worst()`.
 * `rescore()` scores runs again.
 *
 * @module
 */
export { rescore, Rescoring } from "./rescore.ts";
export { Run, startRun } from "./run.ts";
export { AssayError } from "./transport.ts";
export type {
  JobProgress,
  LogOptions,
  Outputs,
  RankedSample,
  RescoreOptions,
  RevisionDifference,
  RunFilter,
  RunOptions,
  RunSummary,
  Samples,
  Split,
} from "./types.ts";
