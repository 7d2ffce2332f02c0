import type { JSX } from "preact";
import type { JobStatus } from "@shared/types/job.ts";
import { type ApiError, explain } from "../api/error.ts";
import { percent, stageWords } from "../state/format.ts";

/** How far the scoring is. */
export function JobProgress(
  { job, trouble, isSlim = false }: {
    job: JobStatus | null;
    /** The server is away while the job is watched. */
    trouble: ApiError | null;
    isSlim?: boolean;
  },
): JSX.Element {
  const fraction = job?.fraction ?? 0;
  const words = stageWords(
    job === null || job.state === "queued" ? "queued" : job.stage,
  );
  const done = Object.entries(job?.stage_seconds ?? {});
  return (
    <div class="job" data-slim={isSlim}>
      <div class="job-line">
        <span id="job-stage">{words}</span>
        <span class="number">{percent(fraction, 0)}</span>
      </div>
      <div
        class="progress"
        role="progressbar"
        aria-labelledby="job-stage"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(fraction * 100)}
      >
        <span style={{ width: `${fraction * 100}%` }} />
      </div>
      {trouble && <p class="note" role="status">{explain(trouble)}</p>}
      {!isSlim && job && (
        <p class="note">
          {[
            job.device && `on ${job.device}`,
            job.attempts > 1 && `attempt ${job.attempts}`,
            ...done.map(([stage, s]) => `${stage} ${s.toFixed(1)} s`),
          ].filter(Boolean).join(" · ")}
        </p>
      )}
    </div>
  );
}
