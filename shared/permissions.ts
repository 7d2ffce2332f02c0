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
  "PUT /ingest/v1/runs/:run_id": "ingest",
  "POST /ingest/v1/runs/:run_id/parts": "ingest",
  "POST /ingest/v1/runs/:run_id/parts/sign": "ingest",
  "POST /ingest/v1/runs/:run_id/parts/:part_id/complete": "ingest",
  "POST /ingest/v1/runs/:run_id/finish": "ingest",

  "GET /api/v1/health": "public",
  "GET /api/v1/ready": "public",
  "GET /api/v1/me": "caller",
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
  "GET /api/v1/runs/:run_id/problems": "read",
  "GET /api/v1/runs/:run_id/columns": "read",
  "GET /api/v1/runs/:run_id/verdicts": "read",
  "PUT /api/v1/runs/:run_id/verdicts": "write",
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
};
