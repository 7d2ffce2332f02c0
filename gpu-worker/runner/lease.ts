import type { JobKind } from "@shared/types/job.ts";

/** A claimed task. Every later write must carry `leaseToken`. */
export interface Lease {
  /** Row in `tasks`. */
  readonly taskId: string;
  /** Row in `jobs`. */
  readonly jobId: string;
  /** Project of the job. */
  readonly projectId: string;
  /** Run the job is about; empty where it is about none. */
  readonly runId: string;
  /** Selects the handler in `gpu-worker/jobs/`. */
  readonly jobKind: JobKind;
  /** What was asked for beside the run. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Which step of the job. */
  readonly stage: string;
  /** Which part of the step. */
  readonly shard: number;
  /** What the stage before left. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Claims of this task so far, this one included. */
  readonly attempt: number;
  /** Proves the claim is still ours. */
  readonly leaseToken: string;
}

/** What became of a claim. */
export type Claim =
  | { readonly outcome: "claimed"; readonly lease: Lease }
  | { readonly outcome: "held"; readonly retryAfterSeconds: number }
  | { readonly outcome: "closed" | "gone" };

/** What a task leaves when it is done. */
export interface TaskOutcome {
  /** For the next stage; plain JSON. */
  readonly result: Readonly<Record<string, unknown>>;
  /** The stage to open when this is the last task of its own; null ends the job. */
  readonly next: {
    readonly stage: string;
    readonly payloads: readonly Readonly<Record<string, unknown>>[];
  } | null;
  /** Revision to publish with it. */
  readonly revisionId: string | null;
}

/** Database side of a task's life; see `supabase/migrations/*_create_task_functions.sql`. */
export interface TaskLeases {
  /** Tries to lease a task. */
  claim(taskId: string): Promise<Claim>;
  /** Extends the lease and notes progress in [0, 1]. False if it is lost, or the job was cancelled. */
  extend(lease: Lease, fraction: number): Promise<boolean>;
  /** False if the lease was lost; nothing was written. Else the tasks it made ready. */
  complete(
    lease: Lease,
    outcome: TaskOutcome,
  ): Promise<readonly string[] | false>;
  /** Puts the task back with a back-off, or fails its job for good. */
  fail(lease: Lease, error: unknown): Promise<"requeued" | "failed" | "lost">;
  /** Puts the task back at once, its attempt not counted. False if the lease was lost. */
  release(lease: Lease): Promise<boolean>;
}

/** Where a handler notes how far it is, so that whoever takes the task over goes on from there. */
export interface TaskCheckpoints {
  /**
   * Notes something in the task's payload, in the place of what stood there under the same name.
   *
   * @param note Plain JSON.
   * @param isProgress Whether it says more than was noted before: as many attempts as a task has at first are then left from here.
   * @returns False if the lease was lost or the job has ended; nothing was written.
   */
  checkpoint(
    lease: Lease,
    note: Readonly<Record<string, unknown>>,
    isProgress: boolean,
  ): Promise<boolean>;
}

/** Says how far a task is, in [0, 1] of the whole job. */
export type ReportProgress = (fraction: number) => void;

/**
 * Does the work of one task. May run twice: what it writes is under its own attempt until it is completed. `again`: it has noted how far it is, and
 * gives its turn away; its attempt is not counted.
 */
export type TaskHandler = (
  lease: Lease,
  report: ReportProgress,
  signal: AbortSignal,
) => Promise<TaskOutcome | "again">;
