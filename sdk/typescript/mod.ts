/**
 * Logs a training to Assay and reads what it found: `startRun()`, then `logSamples()`, `logOutputs()`, `finish()`, `wait()`, `worst()`.
 *
 * @module
 */
export { Run, startRun } from "./run.ts";
export { AssayError } from "./transport.ts";
export type {
  JobProgress,
  LogOptions,
  Outputs,
  RankedSample,
  RunOptions,
  RunSummary,
  Samples,
  Split,
} from "./types.ts";
