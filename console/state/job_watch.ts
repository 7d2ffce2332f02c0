import type { JobState, JobStatus } from "@shared/types/job.ts";
import { ApiError } from "../api/error.ts";

const OPEN: readonly (JobState | null)[] = ["queued", "running"];

/** Whether a job may still change. */
export function isOpen(state: JobState | null): boolean {
  return OPEN.includes(state);
}

/** Wait before the next look: 0.5 s while things move, half as long again for each look that saw no change, at most 8 s. */
export function lookDelayMs(unchangedLooks: number): number {
  return Math.min(8_000, Math.round(500 * 1.5 ** unchangedLooks));
}

export interface WatchDeps {
  readonly look: () => Promise<JobStatus>;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly onStatus: (status: JobStatus) => void;
  readonly onTrouble: (error: ApiError | null) => void;
}

/** Looks at a job until it ends; a server that is briefly away is waited for. Resolves with the last status. */
export async function watchJob(
  { look, wait, onStatus, onTrouble }: WatchDeps,
  signal: AbortSignal,
): Promise<JobStatus> {
  let seen = "";
  for (let unchanged = 0;; unchanged++) {
    try {
      const status = await look();
      signal.throwIfAborted();
      onTrouble(null);
      onStatus(status);
      if (!isOpen(status.state)) return status;
      const now = `${status.state} ${status.stage} ${status.fraction}`;
      if (now !== seen) unchanged = 0;
      seen = now;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError && error.isRetryable)) throw error;
      onTrouble(error);
    }
    await wait(lookDelayMs(unchanged), signal);
  }
}
