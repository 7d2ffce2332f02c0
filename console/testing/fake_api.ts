// deno-lint-ignore-file camelcase
/**
 * The API as the console sees it, in memory: what was put is recorded, and a test decides when it fails.
 *
 * @module
 */
import type { JobStatus } from "@shared/types/job.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { VerdictRecord, VerdictRequest } from "@shared/types/verdict.ts";
import type { SampleDetail } from "../api/types.ts";
import { createFakeRevisions } from "./fake_revisions.ts";
import { madeReport } from "./made_report.ts";
import { extname, join } from "node:path";

export const LINK_TOKEN = "link-token-of-this-start";
export const PROJECT_ID = "5b0f6c2e-7d55-4c7e-8b53-0b8d1f9a7e10";
export const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'";

const MEDIA: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

export interface FakeApi {
  readonly url: string;
  readonly run: RunOverview;
  /** Verdicts as they came in, request by request. */
  readonly puts: VerdictRequest[][];
  /** Times a link was exchanged. */
  readonly exchanges: () => number;
  /** Queries the list was asked with. */
  readonly queries: URLSearchParams[];
  job: JobStatus | null;
  /** Answers every call of the API with this status; 0 answers normally. */
  failWith: number;
  /** Refuses a verdict for this sample for good. */
  refuses: string | null;
  role: "viewer" | "editor" | "owner";
  /** Makes every access token given so far invalid. */
  expire(): void;
  /** Shows a revision. */
  publish(): void;
  stop(): Promise<void>;
}

export interface FakeOptions {
  readonly run: RunOverview;
  readonly samples: readonly SampleDetail[];
  /** Folder of the built console. */
  readonly consoleDir: string;
  readonly isScored?: boolean;
}

export function startFakeApi(options: FakeOptions): FakeApi {
  const { samples } = options;
  let run: RunOverview = options.isScored === false
    ? {
      ...options.run,
      revision_id: null,
      revision_number: null,
      summary: null,
      job_state: "queued",
    }
    : options.run;
  const puts: VerdictRequest[][] = [];
  const records: VerdictRecord[] = [];
  const queries: URLSearchParams[] = [];
  let exchanges = 0;
  let generation = 0;

  const revisions = createFakeRevisions(options.run, samples);
  const json = (body: unknown, status = 200) => Response.json(body, { status });
  const error = (status: number, code: string, message: string) =>
    json({ error: { code, message, request_id: "req-1" } }, status);

  const withVerdict = (sample: SampleDetail): SampleDetail => {
    const said = records.find((r) => r.sample_id === sample.sample_id);
    return said && said.verdict !== "clear"
      ? { ...sample, verdict: said.verdict, verdict_label: said.label }
      : sample;
  };

  const list = (query: URLSearchParams) => {
    queries.push(query);
    const has = (name: string, value: unknown) =>
      !query.get(name) || query.get(name) === value;
    const matching = samples.map(withVerdict).filter((s) =>
      (!query.get("issue_type") ||
        (s.issue_types as string[]).includes(query.get("issue_type")!)) &&
      has("split", s.split) && has("label", s.given_label) &&
      has("suggested", s.suggested_label) &&
      has("verdict", s.verdict ?? "none") &&
      `${s.sample_id} ${s.text_preview}`.toLowerCase()
        .includes((query.get("q") ?? "").toLowerCase())
    );
    if (query.get("sort") === "hardness") {
      matching.sort((a, b) => (b.hardness ?? 0) - (a.hardness ?? 0));
    }
    const from = Number(query.get("cursor") ?? 0);
    const to = from + Number(query.get("limit") ?? 50);
    const rows = matching.slice(from, to).map((
      { text: _t, neighbours: _n, details: _d, dynamics: _y, ...row },
    ) => row);
    return json({
      rows,
      next_cursor: to < matching.length ? String(to) : null,
    });
  };

  const classes = () => {
    const rows = ["training", "validation"].flatMap((split) =>
      run.label_names.map((label) => {
        const given = samples.filter((s) =>
          s.split === split && s.given_label === label
        );
        const right = given.filter((s) => s.predicted_label === label).length;
        const predicted = samples.filter((s) =>
          s.split === split && s.predicted_label === label
        ).length;
        return {
          split,
          label,
          n_given: given.length,
          n_predicted: predicted,
          n_mislabeled: given.filter((s) =>
            s.issue_types.includes("mislabeled")
          ).length,
          precision: predicted ? right / predicted : null,
          recall: given.length ? right / given.length : null,
          f1: null,
          mean_data_error_potential: 0.2,
        };
      })
    );
    return json({ rows });
  };

  const confusions = () => {
    const pairs = new Map<string, number>();
    for (const s of samples) {
      if (!s.issue_types.includes("mislabeled") || !s.suggested_label) continue;
      const key = JSON.stringify([s.split, s.given_label, s.suggested_label]);
      pairs.set(key, (pairs.get(key) ?? 0) + 1);
    }
    return json({
      rows: [...pairs].map(([key, n]) => {
        const [split, given_label, suggested_label] = JSON.parse(key);
        const given = samples.filter((s) =>
          s.split === split && s.given_label === given_label
        ).length;
        return {
          split,
          given_label,
          suggested_label,
          n_flagged: n,
          share_of_given: n / given,
        };
      }),
    });
  };

  /** An audit of twelve samples, told with a number from six on. */
  const audits = (what: string | undefined, query: URLSearchParams) => {
    const drawn = samples.filter((_, i) => i % 97 === 5).slice(0, 12)
      .map(withVerdict);
    if (what === "samples") {
      const rows = drawn.map((s, position) => ({
        position,
        sample_id: s.sample_id,
        split: s.split,
        text_preview: s.text_preview,
        metadata: s.metadata,
        given_label: s.given_label,
        verdict: s.verdict,
        verdict_label: s.verdict_label,
      }));
      const from = Number(query.get("cursor") ?? 0); // pages are short
      const to = from + 7;
      return json({
        rows: rows.slice(from, to),
        next_cursor: to < rows.length ? String(to) : null,
      });
    }
    const n = (...verdicts: unknown[]) =>
      drawn.filter((s) => verdicts.includes(s.verdict)).length;
    const nJudged = n("keep", "relabel");
    const nNeeded = Math.max(0, 6 - nJudged);
    const interval = (scale: number) => ({
      mean: 61 * scale,
      low: 40.2 * scale,
      high: 88.4 * scale,
    });
    return json({
      audit_id: "audit-1",
      run_id: run.run_id,
      revision_id: run.revision_id,
      n_samples: drawn.length,
      n_judged: nJudged,
      n_left_out: n("drop"),
      n_remaining: drawn.length - nJudged - n("drop"),
      n_needed: nNeeded,
      created_at: run.created_at,
      answer: nNeeded > 0 ? null : {
        n_labels: samples.length,
        n_errors: interval(1),
        rate: interval(1 / samples.length),
        n_confirmed: n("relabel"),
      },
    });
  };

  const putVerdicts = async (request: Request) => {
    if (fake.role === "viewer") {
      return error(403, "forbidden", "Needs the scope write");
    }
    const { verdicts } = await request.json() as { verdicts: VerdictRequest[] };
    if (verdicts.some((v) => v.sample_id === fake.refuses)) {
      return error(404, "not_found", "Cannot store verdict: no such sample");
    }
    const fresh = verdicts.filter((v) =>
      !records.some((r) => r.verdict_id === v.verdict_id)
    );
    puts.push(fresh);
    for (const v of fresh) {
      records.unshift({
        ...v,
        dataset_id: run.dataset_id,
        reviewer_id: "me",
        created_at: new Date().toISOString(),
      });
    }
    return json({ stored: verdicts.length });
  };

  const api = (request: Request, path: string, query: URLSearchParams) => {
    if (fake.failWith !== 0) {
      return error(fake.failWith, "upstream_unavailable", "Database is away");
    }
    if (
      request.headers.get("authorization") !== `Bearer access-${generation}`
    ) {
      return error(401, "unauthenticated", "Token has expired");
    }
    const segments = path.split("/").filter(Boolean).map(decodeURIComponent);
    const [what, id, part] = segments;
    if (what === "me") {
      return json({
        kind: "person",
        user_id: "me",
        key_id: null,
        projects: [{
          project_id: PROJECT_ID,
          name: "demo",
          role: fake.role,
          created_at: run.created_at,
        }],
      });
    }
    const answer = revisions(request, segments, query);
    if (answer) return answer;
    if (what === "jobs" && id && fake.job) {
      return json(fake.job);
    }
    if (what !== "runs") return error(404, "not_found", "No such route");
    if (id === undefined) return json({ rows: [run], next_cursor: null });
    if (id !== run.run_id) return error(404, "not_found", "No such run");
    if (part === undefined) {
      return json({ ...run, job_state: fake.job?.state ?? run.job_state });
    }
    if (part === "verdicts" && request.method === "PUT") {
      return putVerdicts(request);
    }
    if (part === "verdicts") return json({ rows: records, next_cursor: null });
    if (part === "classes") return classes();
    if (part === "confusions") return confusions();
    if (part === "audits") {
      return fake.role === "viewer" && request.method === "POST"
        ? error(403, "forbidden", "Needs the scope write")
        : audits(segments[4], query);
    }
    if (part === "report") return json(madeReport(run.label_names));
    if (part === "problems") {
      return json({
        rows: [{
          part_id: "p",
          row: 17,
          column: "label",
          message: "Part 4, row 17: label 7 is not in 0..1",
          n_rows: 3,
        }],
        next_cursor: null,
      });
    }
    if (part === "samples" && segments.length === 3) return list(query);
    const sample = samples.find((s) =>
      s.split === segments[3] && s.sample_id === segments[4]
    );
    return sample
      ? json(withVerdict(sample))
      : error(404, "not_found", "No such sample");
  };

  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/auth/v1/token") {
        const { token } = await request.json();
        if (token !== LINK_TOKEN) {
          return error(
            401,
            "unauthenticated",
            "Unknown token",
          );
        }
        exchanges++;
        return json({ access_token: `access-${generation}`, expires_in: 900 });
      }
      const base = "/functions/v1/api/v1";
      if (pathname.startsWith(base)) {
        return await api(
          request,
          pathname.slice(base.length),
          searchParams,
        );
      }
      const file = extname(pathname) && !pathname.startsWith("/runs/")
        ? pathname
        : "/index.html";
      try {
        return new Response(
          await Deno.readFile(join(options.consoleDir, file)),
          {
            headers: {
              "content-type": MEDIA[extname(file)] ?? "",
              "content-security-policy": CSP,
            },
          },
        );
      } catch {
        return new Response("No such file", { status: 404 });
      }
    },
  );

  const fake: FakeApi = {
    url: `http://127.0.0.1:${server.addr.port}`,
    get run() {
      return run;
    },
    puts,
    queries,
    exchanges: () => exchanges,
    job: null,
    failWith: 0,
    refuses: null,
    role: "owner",
    expire: () => void generation++,
    publish: () => run = options.run,
    stop: () => server.shutdown(),
  };
  return fake;
}
