import type { Hono } from "hono";
import type { EdgeEnv } from "../_shared/middleware/env.ts";
import { createStack, type StackDeps } from "../_shared/middleware/stack.ts";
import { type AuditRouteDeps, auditRoutes } from "./routes/audits.ts";
import { type DatasetRouteDeps, datasetRoutes } from "./routes/datasets.ts";
import { type DeletionRouteDeps, deletionRoutes } from "./routes/deletions.ts";
import { type ExportRouteDeps, exportRoutes } from "./routes/exports.ts";
import { type JobRouteDeps, jobRoutes } from "./routes/jobs.ts";
import { type ModelRouteDeps, modelRoutes } from "./routes/models.ts";
import { meRoutes } from "./routes/me.ts";
import { type ProjectRouteDeps, projectRoutes } from "./routes/projects.ts";
import { type RevisionRouteDeps, revisionRoutes } from "./routes/revisions.ts";
import { type RunRouteDeps, runRoutes } from "./routes/runs.ts";
import { type SampleRouteDeps, sampleRoutes } from "./routes/samples.ts";
import { thresholdRoutes } from "./routes/thresholds.ts";
import { verdictRoutes } from "./routes/verdicts.ts";

/** Everything the API reaches outside itself; tests pass fakes. */
export type AppDeps =
  & StackDeps
  & AuditRouteDeps
  & DatasetRouteDeps
  & DeletionRouteDeps
  & ExportRouteDeps
  & JobRouteDeps
  & ModelRouteDeps
  & ProjectRouteDeps
  & RevisionRouteDeps
  & RunRouteDeps
  & SampleRouteDeps
  & Parameters<typeof verdictRoutes>[0];

/** Builds the API. Reads no environment and opens no connection. */
export function createApp(deps: AppDeps): Hono<EdgeEnv> {
  const app = createStack(deps, {
    slug: "api",
    decidedByBody: ["POST /api/v1/jobs", "PUT /api/v1/models/:model_id"],
    streamed: /\/models\/[^/]+\/bytes$/,
  });
  app.route("/me", meRoutes(deps));
  app.route("/projects", projectRoutes(deps));
  app.route("/runs", runRoutes(deps));
  app.route("/runs", revisionRoutes(deps));
  app.route("/runs", sampleRoutes(deps));
  app.route("/runs", verdictRoutes(deps));
  app.route("/runs", auditRoutes(deps));
  app.route("/jobs", jobRoutes(deps));
  app.route("/jobs", exportRoutes(deps));
  app.route("/models", modelRoutes(deps));
  app.route("/thresholds", thresholdRoutes());
  app.route("/datasets", datasetRoutes(deps));
  app.route("/", deletionRoutes(deps));
  return app;
}
