// deno-lint-ignore-file camelcase
/**
 * Who may do what: every route of the edge and every view of the schema stands here once.
 * A test walks the routers and the catalog, so that one that is missing fails.
 *
 * @module
 */
import type { KeyScope, MemberRole } from "./types/project.ts";

/**
 * What a route or view asks of the caller.
 *
 * - `public`: nothing.
 * - `person`: a signed-in person, whatever their projects.
 * - `caller`: a signed-in person or any live key.
 * - `read`, `ingest`, `write`, `admin`: that scope on the project concerned; a caller without any scope there gets 404, one with another scope 403.
 */
export type Access =
  | "public"
  | "person"
  | "caller"
  | "read"
  | "ingest"
  | "write"
  | "admin";

/** Scopes of each member role. */
export const ROLE_SCOPES: Readonly<Record<MemberRole, readonly KeyScope[]>> = {
  viewer: ["read"],
  editor: ["read", "ingest", "write"],
  owner: ["read", "ingest", "write", "admin"],
};

/** Scopes a key scope brings with it. */
export const KEY_SCOPES: Readonly<Record<KeyScope, readonly KeyScope[]>> = {
  ingest: ["ingest"],
  read: ["read"],
  write: ["read", "write"],
  admin: ["read", "ingest", "write", "admin"],
};

/** Access of each route, by `METHOD /path` below `/functions/v1`. */
export const ROUTES: Readonly<Record<string, Access>> = {
  "GET /ingest/v1/health": "public",
  "GET /ingest/v1/ready": "public",
  "GET /ingest/v1/openapi.json": "public",
  "PUT /ingest/v1/runs/:run_id": "ingest",
  "POST /ingest/v1/runs/:run_id/parts": "ingest",
  "POST /ingest/v1/runs/:run_id/parts/sign": "ingest",
  "POST /ingest/v1/runs/:run_id/parts/:part_id/complete": "ingest",
  "POST /ingest/v1/runs/:run_id/finish": "ingest",

  "GET /api/v1/health": "public",
  "GET /api/v1/ready": "public",
  "GET /api/v1/openapi.json": "public",
  "GET /api/v1/me": "caller",
  "GET /api/v1/thresholds": "caller",
  "GET /api/v1/projects": "caller",
  "POST /api/v1/projects": "person",
  "GET /api/v1/projects/:project_id": "read",
  "PATCH /api/v1/projects/:project_id": "admin",
  "DELETE /api/v1/projects/:project_id": "admin",
  "GET /api/v1/projects/:project_id/members": "read",
  "PUT /api/v1/projects/:project_id/members/:user_id": "admin",
  "DELETE /api/v1/projects/:project_id/members/:user_id": "admin",
  "GET /api/v1/projects/:project_id/keys": "admin",
  "POST /api/v1/projects/:project_id/keys": "admin",
  "DELETE /api/v1/projects/:project_id/keys/:key_id": "admin",
  "GET /api/v1/datasets": "caller",
  "GET /api/v1/datasets/:dataset_id": "read",
  "DELETE /api/v1/datasets/:dataset_id": "admin",
  "GET /api/v1/runs": "caller",
  "GET /api/v1/runs/:run_id": "read",
  "DELETE /api/v1/runs/:run_id": "write",
  "GET /api/v1/runs/:run_id/samples": "read",
  "GET /api/v1/runs/:run_id/samples/:split/:sample_id": "read",
  "GET /api/v1/runs/:run_id/classes": "read",
  "GET /api/v1/runs/:run_id/confusions": "read",
  "GET /api/v1/runs/:run_id/report": "read",
  "GET /api/v1/runs/:run_id/problems": "read",
  "GET /api/v1/runs/:run_id/columns": "read",
  "GET /api/v1/runs/:run_id/revisions": "read",
  "GET /api/v1/runs/:run_id/revisions/:revision_id": "read",
  "GET /api/v1/runs/:run_id/revisions/:revision_id/difference": "read",
  "GET /api/v1/runs/:run_id/verdicts": "read",
  "PUT /api/v1/runs/:run_id/verdicts": "write",
  "GET /api/v1/models": "caller",
  "PUT /api/v1/models/:model_id": "admin",
  "GET /api/v1/models/:model_id": "read",
  "DELETE /api/v1/models/:model_id": "admin",
  "PUT /api/v1/models/:model_id/bytes": "admin",
  "POST /api/v1/models/:model_id/sign": "admin",
  "POST /api/v1/models/:model_id/complete": "admin",
  "GET /api/v1/runs/:run_id/audits": "read",
  "POST /api/v1/runs/:run_id/audits": "write",
  "GET /api/v1/runs/:run_id/audits/:audit_id": "read",
  "GET /api/v1/runs/:run_id/audits/:audit_id/samples": "read",
  "GET /api/v1/jobs": "caller",
  "POST /api/v1/jobs": "write",
  "GET /api/v1/jobs/:job_id": "read",
  "DELETE /api/v1/jobs/:job_id": "write",
  "GET /api/v1/jobs/:job_id/export": "read",
};

/** Access of each view of the schema `assay`, for people who use SQL. */
export const VIEWS: Readonly<Record<string, Access>> = {
  ranked_samples: "read",
  sample_review: "read",
  run_overview: "read",
  dataset_overview: "read",
  class_quality: "read",
  label_confusions: "read",
  job_status: "read",
  current_verdicts: "read",
  revision_overview: "read",
  revision_samples: "read",
  revision_changes: "read",
};

/** What SQL can do with the rows of a table. */
export type RowAction = "select" | "insert" | "update" | "delete";

/** Scope that each action needs; an action that is not listed is nobody's. */
export type RowAccess = Readonly<Partial<Record<RowAction, KeyScope>>>;

/**
 * Access to each table of the schema `assay` for people who use SQL: as role `authenticated` with the claims of their token, as PostgREST and the
 * edge do it. `anon` and `service_role` have nothing in the schema; login roles of the programs are not people.
 */
export const TABLES: Readonly<Record<string, RowAccess>> = {
  projects: { select: "read" },
  members: { select: "read" },
  datasets: { select: "read" },
  samples: { select: "read" },
  dataset_versions: { select: "read" },
  dataset_version_samples: { select: "read" },
  runs: { select: "read" },
  writers: { select: "read" },
  parts: { select: "read" },
  jobs: { select: "read" },
  tasks: { select: "read" },
  models: { select: "read" },
  revisions: { select: "read" },
  revision_differences: { select: "read" },
  revision_difference_ranks: { select: "read" },
  sample_results: { select: "read" },
  sample_issues: { select: "read" },
  sample_neighbours: { select: "read" },
  class_reports: { select: "read" },
  class_pairs: { select: "read" },
  row_problems: { select: "read" },
  verdicts: { select: "read", insert: "write" },
  audits: { select: "read" },
  audit_samples: { select: "read" },
  api_keys: {},
  deletions: {},
  encodings: {},
  outbox: {},
};

/** Functions of the schema `assay` that people may call in SQL; each tells a caller of their own projects only. */
export const FUNCTIONS: readonly string[] = [
  "compare_revisions(uuid,uuid)",
  "create_project(text)",
  "deleted_ids(text)",
  "key_id()",
  "project_ids(text)",
  "user_id()",
];

/** Access to objects of the bucket `runs`, by the project whose id their path begins with; programs write with the service key. */
export const OBJECTS: RowAccess = { select: "read" };
