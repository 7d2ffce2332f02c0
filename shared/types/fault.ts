/**
 * Named points of the path where the fault suite may end or freeze a process.
 * Composition roots pass a {@linkcode ReachPoint} down; it does nothing unless `ASSAY_FAULT_MODULE` names a module.
 */
export const FAULT_POINTS = [
  "upload_stored", // ingest: bytes are in Storage, no row yet
  "upload_recorded", // ingest: row committed, client not answered
  "finish_committed", // ingest: job, task and outbox committed, doorbell not rung
  "finish_relayed", // ingest: doorbell rung, client not answered
  "task_claimed", // worker: lease taken, nothing read
  "compute_done", // worker: scores in memory, nothing written
  "results_written", // worker: rows of the unpublished revision committed
  "revision_published", // worker: published and completed, delivery not answered
] as const;

/** One of {@linkcode FAULT_POINTS}. */
export type FaultPoint = typeof FAULT_POINTS[number];

/** Called when a point is reached; returns at once outside the fault suite. */
export type ReachPoint = (point: FaultPoint) => Promise<void> | void;
