/**
 * Logs a training to Assay and reads what it found: `startRun()`, then `logSamples()`, `logOutputs()`, `finish()`, `wait()`, `worst()`.
 * `rescore()` scores runs again, `uploadModel()` stores a model to do it by, `audit()` counts the wrong labels.
 *
 * @module
 */
export { Audit, audit } from "./audit.ts";
export type {
  AuditCallOptions,
  AuditOptions,
  AuditSample,
  LabelPairs,
} from "./audit.ts";
export { AuditResult } from "./audit_result.ts";
export type { AuditAnswer, Interval } from "./audit_result.ts";
export type {
  ImagePreprocessing,
  Model,
  ModelDescription,
  ModelOptions,
  ModelSource,
  UploadProgress,
} from "./model_types.ts";
export { rescore, Rescoring } from "./rescore.ts";
export { Run, startRun } from "./run.ts";
export { AssayError } from "./error.ts";
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
export { uploadModel } from "./upload_model.ts";
