// deno-lint-ignore-file camelcase
import type { JobStatus, RescoreRequest } from "@shared/types/job.ts";
import type {
  ChangeKind,
  RevisionOverview,
  SampleChange,
} from "@shared/types/revision.ts";
import type { RunOverview } from "@shared/types/run.ts";
import { THRESHOLDS } from "@shared/types/threshold.ts";
import type { SampleDetail } from "../api/types.ts";

/** Samples of one page. */
const PAGE = 5;

/**
 * Revisions of a run: a rescoring takes two looks, and unflags every other mislabeled sample.
 *
 * @returns What answers a request, or null where it is about something else.
 */
export function createFakeRevisions(
  run: RunOverview,
  samples: readonly SampleDetail[],
): (
  request: Request,
  segments: readonly string[],
  query: URLSearchParams,
) => Response | Promise<Response> | null {
  const revisions: RevisionOverview[] = [{
    revision_id: run.revision_id!,
    run_id: run.run_id,
    number: 1,
    parent_id: null,
    job_id: run.job_id!,
    job_kind: "score_run",
    thresholds: {},
    n_verdicts: null,
    model_id: null,
    summary: run.summary!,
    n_samples: samples.length,
    published_at: run.created_at,
    is_current: true,
  }];
  let asked: { request: RescoreRequest; looks: number } | null = null;
  let isCancelled = false;
  const changes = samples.filter((s) => s.issue_types.includes("mislabeled"))
    .filter((_, i) => i % 2 === 0).map((s, i): SampleChange => ({
      sample_id: s.sample_id,
      split: s.split,
      text_preview: s.text_preview,
      given_label: s.given_label,
      rank_before: s.rank,
      rank_after: i + 1,
      issue_types_before: s.issue_types,
      issue_types_after: [],
      suggested_label_before: s.suggested_label,
      suggested_label_after: null,
      mislabeled_score_before: s.mislabeled_score,
      mislabeled_score_after: s.mislabeled_score,
      mislabeled_probability_before: null,
      mislabeled_probability_after: null,
      reason: "",
    }));

  const job = (state: JobStatus["state"]): Response =>
    Response.json(
      {
        job_id: "rescoring",
        project_id: run.project_id,
        run_id: run.run_id,
        job_kind: "rescore_run",
        state,
        stage: "score",
        fraction: state === "succeeded" ? 1 : 0.4,
        attempts: 1,
        device: "cpu",
        error_code: null,
        error: null,
        created_at: run.created_at,
        started_at: run.created_at,
        finished_at: null,
        stage_seconds: { prepare: 0.1 },
      } satisfies JobStatus,
    );

  const look = () => {
    if (isCancelled) return job("cancelled");
    if (asked && asked.looks-- > 0) return job("running");
    if (asked) {
      const first = revisions[0]!;
      revisions[0] = { ...first, is_current: false };
      revisions.unshift({
        ...first,
        revision_id: `revision-${first.number + 1}`,
        number: first.number + 1,
        parent_id: first.revision_id,
        job_id: "rescoring",
        job_kind: "rescore_run",
        thresholds: asked.request.settings ?? {},
        n_verdicts: asked.request.apply_verdicts ? 3 : 0,
        is_current: true,
      });
      asked = null;
    }
    return job("succeeded");
  };

  const difference = (to: string, query: URLSearchParams) => {
    const change = query.get("change") as ChangeKind;
    const isEmpty = ["newly_flagged", "probability"].includes(change);
    const from = Number(query.get("cursor") ?? 0);
    const rows = isEmpty ? [] : changes.slice(from, from + PAGE);
    const n = changes.length;
    return Response.json({
      from_revision_id: run.revision_id,
      to_revision_id: to,
      counts: from > 0 ? null : {
        n_compared: samples.length,
        newly_flagged: 0,
        no_longer_flagged: n,
        issue_types: n,
        suggestion: n,
        probability: 0,
        rank: n,
        by_issue_type: { mislabeled: { added: 0, removed: n } },
      },
      rows,
      next_cursor: !isEmpty && from + PAGE < n ? String(from + PAGE) : null,
    });
  };

  return (request, [what, id, part, revision], query) => {
    if (what === "thresholds") return Response.json(THRESHOLDS);
    if (what === "jobs" && request.method === "POST") {
      return request.json().then((body: RescoreRequest) => {
        if (body.job_kind !== "rescore_run") return look();
        asked = { request: body, looks: 2 };
        isCancelled = false;
        const made = { job_id: "rescoring", run_id: run.run_id };
        return Response.json({ job_id: "rescoring", jobs: [made] });
      });
    }
    if (what === "jobs" && id === "rescoring") {
      if (request.method === "DELETE") isCancelled = true;
      return look();
    }
    if (what !== "runs" || part !== "revisions") return null;
    return revision === undefined
      ? Response.json({ rows: revisions, next_cursor: null })
      : difference(revision, query);
  };
}
