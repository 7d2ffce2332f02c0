// deno-lint-ignore-file camelcase
import { createHash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import type { Lease, ReportProgress, TaskHandler } from "../runner/lease.ts";
import type {
  ExportRow,
  ExportStore,
  RevisionTable,
} from "../store/export_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { Archive } from "./archive.ts";
import { EXPORT_README } from "./export_readme.ts";
import {
  arrowFile,
  LABEL_COLUMNS,
  ndjson,
  RESULT_COLUMNS,
} from "./export_tables.ts";

/** What an export reaches outside itself. */
export interface ExportDeps {
  readonly exports: ExportStore;
  readonly objects: ObjectStore;
}

const TABLE_FILES: Readonly<Record<RevisionTable, string>> = {
  sample_issues: "issues",
  sample_neighbours: "neighbours",
  class_reports: "classes",
  class_pairs: "confusions",
  row_problems: "problems",
};

/** Share of the work that samples are; the rest is runs. */
const SHARE_OF_SAMPLES = 0.5;

/**
 * Job `export_project`: everything of a project in one `.tar.gz`, whose format is in `export_readme.ts`. One page of samples, or the results
 * of one run, are in memory at a time.
 */
export function exportProject(deps: ExportDeps): TaskHandler {
  return async (lease, report, signal) => {
    const { exports, objects } = deps;
    const { projectId } = lease;
    const project = await exports.project(projectId);
    const archive = new Archive(
      objects,
      `${exportFolder(lease)}/export.tar.gz`,
    );
    const files: object[] = [];
    const add = async (name: string, bytes: Uint8Array, n_rows?: number) => {
      signal.throwIfAborted();
      await archive.add(name, bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      files.push({ name, size_bytes: bytes.length, sha256, n_rows });
    };
    const addRows = (name: string, rows: readonly object[]) =>
      add(name, ndjson(rows), rows.length);

    await add("README.md", new TextEncoder().encode(EXPORT_README));
    await addRows("datasets.ndjson", await exports.datasets(projectId));
    const versions = await exports.datasetVersions(projectId);
    await addRows("dataset_versions.ndjson", versions);
    for (const { dataset_version_id: id } of versions) {
      const rows = await collect(exports.labels(id as string), signal);
      const name = `labels/${id}.arrow`;
      await add(name, arrowFile(rows, LABEL_COLUMNS), rows.length);
    }
    const nSamples = await addSamples(lease, deps, addRows, report);
    await addRows("verdicts.ndjson", await exports.verdicts(projectId));
    await addRows("audits.ndjson", await exports.audits(projectId));
    const models = await exports.models(projectId);
    await addRows(
      "models.ndjson",
      models.map(({ storage_path: _, ...model }) => model),
    );
    const runs = await exports.runs(projectId);
    await addRows(
      "runs.ndjson",
      runs.map(({ columns_path: _, ...run }) => run),
    );
    for (const [i, run] of runs.entries()) {
      await addResults(run, deps, add, signal);
      report(SHARE_OF_SAMPLES + (1 - SHARE_OF_SAMPLES) * i / runs.length);
    }
    if (lease.request.include_parts === true) {
      await addParts(projectId, deps, add, addRows);
      for (const { model_id: id, storage_path: path } of models) {
        const bytes = await deps.objects.download(path as string);
        await add(`models/${id}.onnx`, bytes);
      }
    }
    const manifest = {
      format: "assay-export",
      version: 1,
      project,
      exported_at: new Date().toISOString(),
      files,
    };
    await archive.add(
      "manifest.json",
      new TextEncoder().encode(JSON.stringify(manifest, null, 2)),
    );
    const { paths, sizeBytes, sha256 } = await archive.finish();
    return {
      result: {
        paths,
        size_bytes: sizeBytes,
        sha256,
        n_runs: runs.length,
        n_samples: nSamples,
      },
      next: null,
      revisionId: null,
    };
  };
}

/** Folder of what one attempt writes; the sweeper removes it after a week. */
function exportFolder({ projectId, taskId, attempt }: Lease): string {
  return `${projectId}/exports/${taskId}-${attempt}`;
}

type Add = (
  name: string,
  bytes: Uint8Array,
  nRows?: number,
) => Promise<void>;
type AddRows = (name: string, rows: readonly object[]) => Promise<void>;

async function addSamples(
  { projectId }: Lease,
  { exports, objects }: ExportDeps,
  addRows: AddRows,
  report: ReportProgress,
): Promise<number> {
  const total = await exports.countSamples(projectId);
  let [page, n] = [0, 0];
  const held = { path: "", bytes: new Uint8Array() };
  for await (const rows of exports.samples(projectId)) {
    const samples: object[] = [];
    for (const row of rows) {
      const { content_path: path } = row;
      if (typeof path === "string" && held.path !== path) {
        held.bytes = await objects.download(path);
        held.path = path;
      }
      samples.push({
        sample_key: Number(row.id),
        dataset_id: row.dataset_id,
        sample_id: row.sample_id,
        content_hash: row.content_hash,
        text: path === null ? row.text_preview : textIn(held.bytes, row),
        metadata: row.metadata,
      });
    }
    const name = String(page++).padStart(5, "0");
    await addRows(`samples/${name}.ndjson`, samples);
    n += rows.length;
    report(SHARE_OF_SAMPLES * Math.min(1, n / Math.max(1, total)));
  }
  return n;
}

function textIn(bytes: Uint8Array, row: ExportRow): string {
  const start = Number(row.content_offset);
  return new TextDecoder().decode(
    bytes.subarray(start, start + Number(row.content_bytes)),
  );
}

async function addResults(
  run: ExportRow,
  { exports, objects }: ExportDeps,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  const { run_id, revision_id: revisionId, columns_path: columnsPath } = run;
  if (typeof revisionId !== "string") return;
  const folder = `results/${run_id}`;
  const rows = await collect(exports.results(revisionId), signal);
  await add(
    `${folder}/samples.arrow`,
    arrowFile(rows, RESULT_COLUMNS),
    rows.length,
  );
  if (typeof columnsPath === "string") {
    await add(`${folder}/columns.arrow`, await objects.download(columnsPath));
  }
  for (const [table, name] of Object.entries(TABLE_FILES)) {
    const about = await collect(
      exports.about(revisionId, table as RevisionTable),
      signal,
    );
    const shown = about.map((
      { revision_id: _r, project_id: _p, id: _i, ...row },
    ) => withNumbers(row));
    await add(`${folder}/${name}.ndjson`, ndjson(shown), shown.length);
  }
}

/** Keys of samples are numbers in every file. */
function withNumbers(row: ExportRow): ExportRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      /(sample|neighbour)_key$/.test(name) ? Number(value) : value,
    ]),
  );
}

async function addParts(
  projectId: string,
  { exports, objects }: ExportDeps,
  add: Add,
  addRows: AddRows,
): Promise<void> {
  const parts = await exports.parts(projectId);
  await addRows(
    "parts.ndjson",
    parts.map(({ storage_path: _, ...part }) => part),
  );
  for (const { run_id, part_id, storage_path: path } of parts) {
    if (typeof path !== "string") {
      throw new AppError("internal", `Cannot export part "${part_id}"`);
    }
    await add(`parts/${run_id}/${part_id}`, await objects.download(path));
  }
}

async function collect(
  pages: AsyncGenerator<ExportRow[]>,
  signal: AbortSignal,
): Promise<ExportRow[]> {
  const rows: ExportRow[] = [];
  for await (const page of pages) {
    signal.throwIfAborted();
    for (const row of page) rows.push(row);
  }
  return rows;
}
