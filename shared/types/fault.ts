/**
 * Named points of the path where the fault suite may end or freeze a process.
 * Composition roots pass a {@linkcode ReachPoint} down; it does nothing unless `ASSAY_FAULT_MODULE` names a module.
 */
export const FAULT_POINTS = [
  "object_written", // storage: bytes are on the disk, no row names them
  "object_recorded", // storage: row committed, caller not answered
  "upload_stored", // ingest: bytes are in Storage, no row yet
  "upload_recorded", // ingest: row committed, client not answered
  "request_answered", // gateway: a function or Storage has answered, the caller has not heard it
  "finish_committed", // ingest: job, task and outbox committed, doorbell not rung
  "finish_relayed", // ingest: doorbell rung, client not answered
  "message_kept", // queue: message committed, publisher not answered
  "message_started", // queue: marked as in flight, not sent
  "message_answered", // queue: the destination has answered, the outcome is not noted
  "task_claimed", // worker: lease taken, nothing read
  "samples_folded", // worker: samples written, sums over epochs in memory only
  "samples_encoded", // worker: views of samples in memory only
  "infer_block_written", // worker: outputs of a stored model in Storage, nothing names them
  "infer_block_noted", // worker: noted on the task, the rest not yet run
  "stage_completed", // worker: next stage committed, doorbell not rung
  "compute_done", // worker: scores in memory, nothing written
  "results_written", // worker: rows of the unpublished revision committed
  "revision_published", // worker: published and completed, delivery not answered
  "job_read", // api: state of a job read, client not answered
] as const;

/** One of {@linkcode FAULT_POINTS}. */
export type FaultPoint = typeof FAULT_POINTS[number];

/** Called when a point is reached, with an id or path of what it is about; returns at once outside the fault suite. */
export type ReachPoint = (
  point: FaultPoint,
  subject?: string,
) => Promise<void> | void;
