import { AssayError } from "./error.ts";
import type { Transport } from "./transport.ts";
import type { JobProgress } from "./types.ts";

/**
 * Waits until a job has ended.
 *
 * @param onProgress Called whenever it was looked at.
 * @throws {AssayError} `job_failed` with the job's own sentence.
 */
export async function waitForJob(
  transport: Transport,
  jobId: string,
  onProgress?: (job: JobProgress) => void,
): Promise<JobProgress> {
  for (let pollMs = 100;; pollMs = Math.min(1000, pollMs * 1.2)) {
    const job = await transport.send<JobProgress>({
      method: "GET",
      path: `api/v1/jobs/${jobId}`,
    });
    onProgress?.(job);
    if (job.state === "succeeded") return job;
    if (job.state === "failed" || job.state === "cancelled") {
      throw new AssayError(
        "job_failed",
        0,
        job.error ?? `The job was ${job.state}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
