/**
 * Everything the page of a run's revisions knows: the revisions, what two of them say differently, and the job that makes the next one.
 *
 * @module
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { JobStatus } from "@shared/types/job.ts";
import type {
  ChangeKind,
  RevisionDifference,
  RevisionOverview,
} from "@shared/types/revision.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { Thresholds } from "@shared/types/threshold.ts";
import type { Client } from "../api/client.ts";
import type { ApiError } from "../api/error.ts";
import type { ThresholdRanges } from "../api/types.ts";
import { isOpen, watchJob } from "./job_watch.ts";

export interface RescoringDeps {
  readonly client: Client;
  readonly runId: string;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Rescoring {
  readonly run: ReadonlySignal<RunOverview | null>;
  /** Newest first. */
  readonly revisions: ReadonlySignal<readonly RevisionOverview[]>;
  readonly ranges: ReadonlySignal<ThresholdRanges>;
  /** The latest one that scores the run. */
  readonly job: ReadonlySignal<JobStatus | null>;
  readonly trouble: ReadonlySignal<ApiError | null>;
  readonly error: ReadonlySignal<unknown>;
  readonly difference: ReadonlySignal<RevisionDifference | null>;
  load(): Promise<void>;
  /** Asks for a revision and waits for it; returns its id, or null if there is none. */
  rescore(settings: Thresholds, applyVerdicts: boolean): Promise<string | null>;
  cancel(): Promise<void>;
  compare(revisionId: string, change: ChangeKind): Promise<void>;
  /** Reads the next page of the difference. */
  more(): Promise<void>;
  stop(): void;
}

export function createRescoring(
  { client, runId, wait }: RescoringDeps,
): Rescoring {
  const life = new AbortController();
  const run = signal<RunOverview | null>(null);
  const revisions = signal<readonly RevisionOverview[]>([]);
  const ranges = signal<ThresholdRanges>({});
  const job = signal<JobStatus | null>(null);
  const trouble = signal<ApiError | null>(null);
  const error = signal<unknown>(null);
  const difference = signal<RevisionDifference | null>(null);
  let compared: [revisionId: string, change: ChangeKind] = ["", "any"];

  const attempt = async <T>(body: () => Promise<T>): Promise<T | null> => {
    error.value = null;
    try {
      return await body();
    } catch (cause) {
      if (!life.signal.aborted) error.value = cause;
      return null;
    }
  };
  const list = async () => {
    revisions.value = (await client.revisions(runId)).rows;
  };
  const watch = async (jobId: string) => {
    job.value = await watchJob({
      look: () => client.job(jobId),
      wait,
      onStatus: (status) => job.value = status,
      onTrouble: (away) => trouble.value = away,
    }, life.signal);
    await list();
  };

  return {
    run,
    revisions,
    ranges,
    job,
    trouble,
    error,
    difference,
    async load() {
      await attempt(async () => {
        [run.value, ranges.value] = await Promise.all([
          client.run(runId),
          client.thresholds(),
          list(),
        ]);
        const { job_id: jobId, job_state: state } = run.value;
        if (jobId !== null && isOpen(state)) await watch(jobId);
      });
    },
    rescore: (settings, applyVerdicts) =>
      attempt(async () => {
        const { job_id: jobId } = await client.rescore(
          runId,
          settings,
          applyVerdicts,
        );
        await watch(jobId);
        const made = revisions.value.find((row) => row.job_id === jobId);
        return made?.revision_id ?? null;
      }),
    async cancel() {
      const id = job.value?.job_id;
      if (id) await attempt(async () => job.value = await client.cancelJob(id));
    },
    async compare(revisionId, change) {
      compared = [revisionId, change];
      await attempt(async () => {
        const page = await client.difference(runId, revisionId, { change });
        if (compared[0] !== revisionId || compared[1] !== change) return;
        difference.value = page;
      });
    },
    async more() {
      const shown = difference.value;
      if (!shown?.next_cursor) return;
      const [revisionId, change] = compared;
      await attempt(async () => {
        const page = await client.difference(runId, revisionId, {
          from: shown.from_revision_id,
          change,
          cursor: shown.next_cursor,
        });
        if (difference.value !== shown) return;
        difference.value = {
          ...page,
          counts: shown.counts,
          rows: [...shown.rows, ...page.rows],
        };
      });
    },
    stop: () => life.abort(),
  };
}
