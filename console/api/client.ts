/**
 * Typed calls of the API. Reads are repeated when the server is briefly away; writes never by themselves.
 *
 * @module
 */
import type { Audit, AuditRequest, AuditSample } from "@shared/types/audit.ts";
import type { JobRequest, JobStatus, NewJobs } from "@shared/types/job.ts";
import type { Page } from "@shared/types/page.ts";
import type { RunReport } from "@shared/types/report.ts";
import type {
  ClassReportRow,
  LabelConfusion,
  RankedSample,
  RowProblem,
} from "@shared/types/result.ts";
import type {
  RevisionDifference,
  RevisionOverview,
} from "@shared/types/revision.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { Thresholds } from "@shared/types/threshold.ts";
import type { VerdictRecord, VerdictRequest } from "@shared/types/verdict.ts";
import type { Me, SampleDetail, ThresholdRanges } from "./types.ts";
import { ApiError, errorOf } from "./error.ts";
import { retryDelayMs } from "./retry.ts";
import type { Session } from "./session.ts";

export interface ClientDeps {
  readonly fetch: typeof fetch;
  readonly session: Session;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** There is no link, or the server no longer knows it. */
  readonly onSignedOut: () => void;
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

const BASE = "/functions/v1/api/v1";
const READ_ATTEMPTS = 4;

export type Client = ReturnType<typeof createClient>;

// deno-lint-ignore explicit-module-boundary-types -- the record below is the type
export function createClient(deps: ClientDeps) {
  const { fetch, session, wait } = deps;
  const once = async (path: string, init: RequestInit): Promise<unknown> => {
    try {
      return await answer(path, init);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) deps.onSignedOut();
      throw error;
    }
  };

  const answer = async (path: string, init: RequestInit): Promise<unknown> => {
    for (let renewed = false;; renewed = true) {
      const token = await session.accessToken();
      if (token === null) {
        throw new ApiError("Nobody is signed in", {
          status: 401,
          code: "unauthenticated",
        });
      }
      let response: Response;
      try {
        response = await fetch(BASE + path, {
          ...init,
          headers: {
            ...(init.body ? { "content-type": "application/json" } : {}),
            authorization: `Bearer ${token}`,
          },
        });
      } catch (cause) {
        if (init.signal?.aborted) throw cause;
        throw new ApiError("The server does not answer", {
          status: 0,
          code: "upstream_unavailable",
          cause,
        });
      }
      if (response.status === 401 && !renewed) {
        session.renew(token);
        continue;
      }
      if (!response.ok) throw await errorOf(response);
      return await response.json();
    }
  };

  const read = async <T>(
    path: string,
    query: Query = {},
    signal?: AbortSignal,
  ): Promise<T> => {
    const url = path + search(query);
    for (let attempt = 1;; attempt++) {
      try {
        return await once(url, signal ? { signal } : {}) as T;
      } catch (error) {
        const again = error instanceof ApiError && error.isRetryable &&
          attempt < READ_ATTEMPTS && !signal?.aborted;
        if (!again) throw error;
        await wait(error.retryAfterMs ?? retryDelayMs(attempt), signal);
      }
    }
  };

  const write = <T>(method: string, path: string, body: unknown): Promise<T> =>
    once(path, { method, body: JSON.stringify(body) }) as Promise<T>;

  const part = encodeURIComponent;
  return {
    me: () => read<Me>("/me"),
    runs: (query: Query) => read<Page<RunOverview>>("/runs", query),
    run: (id: string) => read<RunOverview>(`/runs/${part(id)}`),
    samples: (run: string, query: Query, signal?: AbortSignal) =>
      read<Page<RankedSample>>(`/runs/${part(run)}/samples`, query, signal),
    sample: (run: string, split: string, id: string, signal?: AbortSignal) =>
      read<SampleDetail>(
        `/runs/${part(run)}/samples/${part(split)}/${part(id)}`,
        {},
        signal,
      ),
    classes: (run: string) =>
      read<{ rows: ClassReportRow[] }>(`/runs/${part(run)}/classes`),
    confusions: (run: string) =>
      read<{ rows: LabelConfusion[] }>(`/runs/${part(run)}/confusions`),
    report: (run: string) => read<RunReport>(`/runs/${part(run)}/report`),
    problems: (run: string) =>
      read<Page<RowProblem>>(`/runs/${part(run)}/problems`),
    verdicts: (run: string, query: Query) =>
      read<Page<VerdictRecord>>(`/runs/${part(run)}/verdicts`, query),
    putVerdicts: (run: string, verdicts: readonly VerdictRequest[]) =>
      write<{ stored: number }>("PUT", `/runs/${part(run)}/verdicts`, {
        verdicts,
      }),
    drawAudit: (run: string, request: Partial<AuditRequest>) =>
      write<Audit>("POST", `/runs/${part(run)}/audits`, request),
    audit: (run: string, id: string) =>
      read<Audit>(`/runs/${part(run)}/audits/${part(id)}`),
    auditSamples: (run: string, id: string, query: Query) =>
      read<Page<AuditSample>>(
        `/runs/${part(run)}/audits/${part(id)}/samples`,
        query,
      ),
    job: (id: string) => read<JobStatus>(`/jobs/${part(id)}`),
    startJob: (request: JobRequest) => write<NewJobs>("POST", "/jobs", request),
    rescore: (run: string, settings: Thresholds, applies: boolean) =>
      write<NewJobs>("POST", "/jobs", {
        job_kind: "rescore_run",
        run_id: run,
        settings,
        apply_verdicts: applies,
      }),
    cancelJob: (id: string) =>
      once(`/jobs/${part(id)}`, { method: "DELETE" }) as Promise<JobStatus>,
    thresholds: () => read<ThresholdRanges>("/thresholds"),
    revisions: (run: string) =>
      read<Page<RevisionOverview>>(`/runs/${part(run)}/revisions`),
    difference: (run: string, revision: string, query: Query) =>
      read<RevisionDifference>(
        `/runs/${part(run)}/revisions/${part(revision)}/difference`,
        query,
      ),
  };
}

function search(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") {
      params.set(key, String(value));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
