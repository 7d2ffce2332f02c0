import type { Edge } from "../_shared/edge.ts";
import { createApiKeyStore } from "../_shared/store/api_key_store.ts";
import { createAuditStore } from "../_shared/store/audit_store.ts";
import { createDatasetReader } from "../_shared/store/dataset_reader.ts";
import { createDeletionStore } from "../_shared/store/deletion_store.ts";
import { createExportReader } from "../_shared/store/export_reader.ts";
import { createJobStore } from "../_shared/store/job_store.ts";
import { createModelStore } from "../_shared/store/model_store.ts";
import { createProjectStore } from "../_shared/store/project_store.ts";
import { createReportStore } from "../_shared/store/report_store.ts";
import { createRevisionReader } from "../_shared/store/revision_reader.ts";
import { createRunReader } from "../_shared/store/run_reader.ts";
import { createSampleStore } from "../_shared/store/sample_store.ts";
import { createVerdictStore } from "../_shared/store/verdict_store.ts";
import type { AppDeps } from "./app.ts";

/** Gives the API its stores. */
export function createDeps(edge: Edge): AppDeps {
  const { database } = edge;
  return {
    ...edge,
    runs: createRunReader(database),
    revisions: createRevisionReader(database),
    reports: createReportStore(database),
    samples: createSampleStore(database),
    verdicts: createVerdictStore(database),
    audits: createAuditStore(database),
    jobs: createJobStore(database),
    models: createModelStore(database),
    datasets: createDatasetReader(database),
    deletions: createDeletionStore(database),
    exports: createExportReader(database),
    projects: createProjectStore(database),
    apiKeys: createApiKeyStore(database),
  };
}
