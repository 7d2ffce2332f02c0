import { ownProject } from "./project.ts";
import { findServer } from "./server.ts";
import { AssayError } from "./error.ts";
import { Transport } from "./transport.ts";
import type {
  JobProgress,
  RescoreOptions,
  RevisionDifference,
  RunFilter,
} from "./types.ts";
import { waitForJob } from "./wait_for_job.ts";

/**
 * Scores runs again: a new revision of each beside the old one.
 *
 * @param runs Id of a scored run, ids of several, or a filter over those of a project.
 * @param options Thresholds, whether verdicts count, a stored model; and the server, found by itself if one runs on this machine.
 * @throws {AssayError} If the server refuses it, with the reason.
 */
export async function rescore(
  runs: string | readonly string[] | RunFilter,
  options: RescoreOptions = {},
): Promise<Rescoring> {
  const transport = new Transport(await findServer(options));
  const which = typeof runs === "string"
    ? { run_ids: [runs] }
    : isList(runs)
    ? { run_ids: runs }
    : { filter: await filterBody(transport, runs) };
  const { jobs } = await transport.send<
    { jobs: { job_id: string; run_id: string }[] }
  >({
    method: "POST",
    path: "api/v1/jobs",
    body: {
      job_kind: "rescore_run",
      ...which,
      settings: options.thresholds ?? null,
      apply_verdicts: options.verdicts ?? true,
      model_id: modelIdOf(options.modelId),
      prediction_kind: options.predictionKind,
    },
    headers: { "idempotency-key": crypto.randomUUID() },
  });
  return new Rescoring(
    transport,
    new Map(jobs.map(({ job_id, run_id }) => [run_id, job_id])),
  );
}

/** Runs that are scored again, a job each. */
export class Rescoring {
  /** Job id by run id. */
  readonly jobs: ReadonlyMap<string, string>;
  readonly #transport: Transport;

  /** Use {@linkcode rescore}. */
  constructor(transport: Transport, jobs: ReadonlyMap<string, string>) {
    this.#transport = transport;
    this.jobs = jobs;
  }

  /**
   * Waits until all of them are scored.
   *
   * @param options `onProgress` is called whenever a job has moved.
   * @throws {AssayError} `job_failed` with a job's own sentence.
   */
  async wait(
    { onProgress }: { onProgress?: (job: JobProgress) => void } = {},
  ): Promise<void> {
    for (const jobId of this.jobs.values()) {
      await waitForJob(this.#transport, jobId, onProgress);
    }
  }

  /** Cancels those that are not done; the revisions they were to replace stay. */
  async cancel(): Promise<void> {
    for (const jobId of this.jobs.values()) {
      await this.#transport.send({
        method: "DELETE",
        path: `api/v1/jobs/${jobId}`,
      });
    }
  }

  /**
   * What the new revision of a run says that the old one did not: counts, and one page of samples.
   *
   * @param runId Which of the runs; default the first.
   * @param query Query of the API, such as `{ change: "newly_flagged" }`.
   * @throws {RangeError} If it is none of the runs.
   * @throws {AssayError} If it is not scored again yet.
   */
  async difference(
    runId: string = this.jobs.keys().next().value!,
    query: Readonly<Record<string, string>> = {},
  ): Promise<RevisionDifference> {
    if (!this.jobs.has(runId)) {
      throw new RangeError(
        `Cannot compare run "${runId}" as it must be one of those that are scored again: ${
          [...this.jobs.keys()].join(", ")
        }`,
      );
    }
    const get = <T>(path: string) =>
      this.#transport.send<T>({
        method: "GET",
        path: `api/v1/runs/${runId}/revisions${path}`,
      });
    const { rows } = await get<
      { rows: { revision_id: string; job_id: string }[] }
    >("?limit=500");
    const made = rows.find((row) => row.job_id === this.jobs.get(runId));
    if (!made) {
      throw new AssayError(
        "conflict",
        0,
        `Cannot compare run "${runId}": it is not scored again yet`,
      );
    }
    return await get(
      `/${made.revision_id}/difference?${new URLSearchParams(query)}`,
    );
  }
}

function isList(
  runs: readonly string[] | RunFilter,
): runs is readonly string[] {
  return Array.isArray(runs);
}

async function filterBody(
  transport: Transport,
  runs: RunFilter,
): Promise<Record<string, unknown>> {
  return {
    project_id: runs.projectId ?? await ownProject(transport),
    dataset_id: runs.datasetId ?? null,
    name_contains: runs.nameContains ?? null,
    incomplete: runs.incomplete ?? null,
  };
}

function modelIdOf(
  model: RescoreOptions["modelId"],
): string | null | undefined {
  return typeof model === "object" && model !== null ? model.model_id : model;
}
