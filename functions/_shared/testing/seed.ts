// deno-lint-ignore-file camelcase
/**
 * A scored run, written as the worker writes one, from a seed.
 *
 * @module
 */
import { ISSUE_TYPES, type IssueType } from "@shared/types/issue.ts";
import type { Split } from "@shared/types/part.ts";
import type { VerdictKind } from "@shared/types/verdict.ts";
import type { Sql } from "postgres";

/** One sample of the seeded run, as its row will show it. */
export interface SeededSample {
  readonly sample_id: string;
  readonly split: Split;
  readonly text_preview: string | null;
  readonly metadata: Record<string, string | number | boolean | null>;
  readonly given: number | null;
  readonly predicted: number | null;
  readonly suggested: number | null;
  readonly issue_types: readonly IssueType[];
  readonly mislabeled_score: number | null;
  readonly data_error_potential: number | null;
  readonly hardness: number | null;
  readonly verdict: VerdictKind | null;
}

/** What was seeded. */
export interface SeededRun {
  readonly runId: string;
  readonly jobId: string;
  readonly datasetId: string;
  readonly revisionId: string;
  readonly labels: readonly string[];
  /** Worst first. */
  readonly samples: readonly SeededSample[];
}

/** Class names of seeded runs: quoting and case matter in none of them. */
export const LABELS = ["ham", "spam", 'O\'Reilly, "x"', "Ünïcode ☂"];

/** Writes a closed run with a published revision into the project. */
export async function seedRun(
  sql: Sql,
  projectId: string,
  nSamples = 60,
  seed = 7,
): Promise<SeededRun> {
  const random = mulberry32(seed);
  const samples = Array.from(
    { length: nSamples },
    (_, i) => makeSample(i, random),
  );
  const [runId, jobId, datasetId, revisionId, versionId] = Array.from(
    { length: 5 },
    () => crypto.randomUUID(),
  ) as [string, string, string, string, string];
  const hash = new Uint8Array(32);
  await sql.begin(async (sql) => {
    await sql`insert into assay.datasets (id, project_id, name) values (${datasetId}, ${projectId}, ${
      "d" + runId
    })`;
    await sql`
      insert into assay.dataset_versions (id, project_id, dataset_id, digest, label_names, n_samples)
      values (${versionId}, ${projectId}, ${datasetId}, ${hash}, ${LABELS}, ${nSamples})`;
    await sql`
      insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest, state, closed_at,
        dataset_version_id)
      values (${runId}, ${projectId}, ${datasetId}, ${
      "r" + runId
    }, 1, 'classification', ${LABELS}, ${hash}, 'closed', now(),
        ${versionId})`;
    await sql`
      insert into assay.jobs (id, project_id, run_id, job_kind, stage, state, pending_tasks, fraction, finished_at)
      values (${jobId}, ${projectId}, ${runId}, 'score_run', 'score', 'succeeded', 0, 1, now())`;
    await sql`insert into assay.tasks (job_id, project_id, stage, state, attempts) values (${jobId}, ${projectId}, 'fold', 'succeeded', 2)`;
    await sql`
      insert into assay.revisions (id, project_id, run_id, job_id, number, published_at, report, summary, n_samples, columns_path)
      values (${revisionId}, ${projectId}, ${runId}, ${jobId}, 1, now(), ${
      sql.json({ splits: [], representation: null })
    }, ${
      sql.json({
        verdict: "Fine",
        n_samples: nSamples,
        n_classes: LABELS.length,
        n_epochs: 1,
        issue_counts: {},
        estimated_noise_rate: null,
        n_row_problems: 3,
        accuracy: { training: 0.5 },
      })
    }, ${nSamples}, ${`${projectId}/${runId}/columns`})`;
    await sql`update assay.runs set published_revision_id = ${revisionId} where id = ${runId}`;
    const keys: string[] = [];
    for (const [i, sample] of samples.entries()) {
      const content = new Uint8Array(32);
      new DataView(content.buffer).setUint32(0, i);
      const [row] = await sql`
        insert into assay.samples (project_id, dataset_id, sample_id, content_hash, text_preview, metadata)
        values (${projectId}, ${datasetId}, ${sample.sample_id}, ${content}, ${sample.text_preview}, ${
        sql.json(sample.metadata)
      }) returning id`;
      keys.push(row!.id);
      await sql`
        insert into assay.dataset_version_samples (dataset_version_id, project_id, split, sample_key, given_label)
        values (${versionId}, ${projectId}, ${sample.split}, ${
        row!.id
      }, ${sample.given})`;
      await sql`
        insert into assay.sample_results (revision_id, project_id, sample_key, split, rank, given_label, predicted_label,
          suggested_label, mislabeled_score, data_error_potential, hardness, confidence, variability, area_under_margin,
          forgetting_events, first_learned_epoch, issue_type, issue_types, reason)
        values (${revisionId}, ${projectId}, ${row!.id}, ${sample.split}, ${
        i + 1
      }, ${sample.given}, ${sample.predicted}, ${sample.suggested},
          ${sample.mislabeled_score}, ${sample.data_error_potential}, ${sample.hardness}, 0.5, 0.25, -0.75, 2, null,
          ${sample.issue_types[0] ?? "clean"}, ${sample
        .issue_types as string[]}, 'Because')`;
      for (const type of sample.issue_types) {
        await sql`
          insert into assay.sample_issues (revision_id, project_id, sample_key, split, issue_type, score, details)
          values (${revisionId}, ${projectId}, ${
          row!.id
        }, ${sample.split}, ${type}, 0.5, ${sql.json({ type })})`;
      }
      if (sample.verdict !== null) {
        await sql`
          insert into assay.verdicts (dataset_id, sample_id, content_hash, verdict, label)
          values (${datasetId}, ${sample.sample_id}, ${content}, ${sample.verdict}, ${
          sample.verdict === "relabel" ? "spam" : null
        })`;
      }
    }
    for (const [position, neighbour] of keys.slice(1, 4).entries()) {
      await sql`
        insert into assay.sample_neighbours
          (revision_id, project_id, sample_key, split, position, neighbour_key, neighbour_split, similarity)
        values (${revisionId}, ${projectId}, ${keys[0]!}, ${
        samples[0]!.split
      }, ${position}, ${neighbour},
          ${samples[position + 1]!.split}, ${0.75 - position / 4})`;
    }
    for (let label = 0; label < LABELS.length; label++) {
      await sql`
        insert into assay.class_reports (revision_id, project_id, split, label, n_given, n_predicted, n_mislabeled)
        values (${revisionId}, ${projectId}, 'training', ${label}, 10, 9, 1)`;
    }
    await sql`
      insert into assay.class_pairs (revision_id, project_id, split, given_label, suggested_label, n_flagged, share_of_given)
      values (${revisionId}, ${projectId}, 'training', 0, 1, 3, 0.25), (${revisionId}, ${projectId}, 'training', 1, 0, 5, 0.5)`;
    const [part] = await sql`
      insert into assay.parts (project_id, run_id, idempotency_key, part_kind, split, writer, seq, content_type,
        content_encoding, storage_path, size_bytes, sha256)
      values (${projectId}, ${runId}, 'k', 'samples', 'training', '0', 0, 'application/json', 'identity',
        ${`${projectId}/${runId}/parts/x`}, 1, ${hash}) returning id`;
    for (const row_number of [null, 4, 5]) {
      await sql`
        insert into assay.row_problems (revision_id, project_id, part_id, row_number, column_name, message, n_rows)
        values (${revisionId}, ${projectId}, ${
        part!.id
      }, ${row_number}, 'label', 'Unknown', 1)`;
    }
  });
  return { runId, jobId, datasetId, revisionId, labels: LABELS, samples };
}

const TEXTS = [
  "Buy NOW: 50% off_all \\ of it",
  "Grüße aus MÜNCHEN",
  "grüsse aus münchen",
  "İstanbul ıssız",
  "",
  "semi;colon -- '; drop table assay.runs",
];

function makeSample(i: number, random: () => number): SeededSample {
  const pick = <T>(values: readonly T[]) =>
    values[Math.floor(random() * values.length)]!;
  // Few values, some of them no sum of powers of two: equal ends of ranges must be met.
  const score = () => pick([null, 0.1, 0.3, 0.30000001, 0.5, 0.7, 1]);
  const label = () => pick([null, 0, 1, 2, 3]);
  const issues = ISSUE_TYPES.filter(() => random() < 0.15);
  const metadata: SeededSample["metadata"] = {};
  if (random() < 0.9) metadata.folder = pick([0, 1, 1.5, -2, 1e21, 0.1]);
  if (random() < 0.9) {
    metadata.source = pick(["web", "Web", "1", "true", "", "ü", null]);
  }
  if (random() < 0.9) metadata["o'dd\"key"] = pick([true, false, null, 1]);
  return {
    sample_id: i === 0
      ? "a/b c%2Fü"
      : `s-${i}${pick(["", "%", "_", "A", "a"])}`,
    split: pick(["training", "validation", "test", "inference"]),
    text_preview: pick([null, ...TEXTS]),
    metadata,
    given: label(),
    predicted: label(),
    suggested: label(),
    issue_types: issues,
    mislabeled_score: score(),
    data_error_potential: score(),
    hardness: score(),
    verdict: pick([
      null,
      null,
      "keep",
      "relabel",
      "drop",
      "needs_review",
      "clear",
    ]),
  };
}

/** Seeded uniform numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
