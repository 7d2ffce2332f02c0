import { AppError } from "@shared/errors.ts";
import type { Sql } from "postgres";
import type { ScoreResult } from "../detectors/score_types.ts";
import type { RunSignals } from "../codecs/signals_file.ts";
import { inChunks } from "./chunks.ts";

/** What a revision is of. */
export interface RevisionHead {
  readonly revisionId: string;
  readonly projectId: string;
  readonly runId: string;
  readonly jobId: string;
  /** Dense columns in Storage. */
  readonly columnsPath: string;
  /** The revision it was made from; null: none. */
  readonly parentId: string | null;
  /** What it was scored by; plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Files that the next scoring may use; plain JSON. */
  readonly kept: Readonly<Record<string, unknown>>;
}

/** The revision of a run that readers follow. */
export interface PublishedRevision
  extends Pick<RevisionHead, "revisionId" | "settings"> {
  /** Null: nothing is kept. */
  readonly kept: Readonly<Record<string, unknown>> | null;
}

/** Revisions, unpublished until their task is completed. */
export interface RevisionStore {
  /** The published one of a run. Throws `unusable_input` if it has none. */
  published(runId: string): Promise<PublishedRevision>;
  /** Writes every row of a revision, in short transactions. */
  write(
    head: RevisionHead,
    signals: RunSignals,
    result: ScoreResult,
    report: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Revisions in PostgreSQL. */
export function createRevisionStore(sql: Sql): RevisionStore {
  return {
    async published(runId) {
      const [row] = await sql`
        select v.id, v.settings, v.kept from assay.runs r join assay.revisions v on v.id = r.published_revision_id
        where r.id = ${runId}`;
      if (!row) {
        throw new AppError(
          "unusable_input",
          `Cannot rescore run "${runId}": it has no results`,
        );
      }
      return { revisionId: row.id, settings: row.settings, kept: row.kept };
    },

    async write(head, signals, result, report, signal) {
      const { revisionId, projectId } = head;
      const { columns } = result;
      const keys = signals.splits.flatMap((s) => Array.from(s.keys, String));
      const splits = signals.splits.flatMap((s) =>
        s.sampleIds.map(() => s.split)
      );
      const nRowProblems = signals.problems.reduce(
        (sum, p) => sum + p.nRows,
        0,
      );
      await sql`
        insert into assay.revisions (id, project_id, run_id, job_id, parent_id, settings, kept, summary, report, columns_path, n_samples)
        values (${revisionId}, ${projectId}, ${head.runId}, ${head.jobId}, ${head.parentId},
          ${sql.json(head.settings as never)}, ${sql.json(head.kept as never)},
          ${
        sql.json({ ...result.summary, n_row_problems: nRowProblems } as never)
      }, ${
        sql.json(result.report as never)
      }, ${head.columnsPath}, ${keys.length})`;
      await inChunks(keys.length, async (start, end) => {
        signal.throwIfAborted();
        const cut = <T>(values: ArrayLike<T>) =>
          Array.prototype.slice.call(values, start, end) as T[];
        const label = (values: Int32Array) =>
          cut(values).map((y) => y < 0 ? null : y);
        const number = (values: Float32Array) =>
          cut(values).map((x) => Number.isNaN(x) ? null : x);
        await sql`
          insert into assay.sample_results
            (revision_id, project_id, sample_key, split, rank, given_label, predicted_label, suggested_label,
             mislabeled_score, mislabeled_probability, data_error_potential, outlier_score, hardness, confidence, variability, area_under_margin,
             forgetting_events, first_learned_epoch, issue_type, issue_types, reason)
          select ${revisionId}::uuid, ${projectId}::uuid, u.sample_key, u.split, u.rank, u.given, u.predicted, u.suggested,
            u.mislabeled, u.probability, u.dep, u.outlier, u.hardness, u.confidence, u.variability, u.aum, u.forgetting, u.learned,
            u.issue_type, case when u.issue_types = '' then '{}'::text[] else string_to_array(u.issue_types, ',') end, u.reason
          from unnest(
            ${cut(keys)}::bigint[], ${cut(splits)}::text[], ${
          cut(columns.rank)
        }::int[],
            ${label(columns.givenLabel)}::int[], ${
          label(columns.predictedLabel)
        }::int[], ${label(columns.suggestedLabel)}::int[],
            ${number(columns.mislabeledScore)}::real[],
            ${number(columns.mislabeledProbability)}::real[],
            ${number(columns.dataErrorPotential)}::real[],
            ${number(columns.outlierScore)}::real[],
            ${number(columns.hardness)}::real[], ${
          number(columns.confidence)
        }::real[],
            ${number(columns.variability)}::real[], ${
          number(columns.areaUnderMargin)
        }::real[],
            ${
          cut(columns.forgettingEvents).map((n, i) =>
            columns.epochsSeen[start + i] === 0 ? null : n
          )
        }::int[], ${label(columns.firstLearnedEpoch)}::int[],
            ${cut(result.firstIssueType)}::text[], ${
          cut(result.issueTypes).map((t) => t.join(","))
        }::text[],
            ${cut(result.reasons)}::text[])
          as u (sample_key, split, rank, given, predicted, suggested, mislabeled, probability, dep, outlier, hardness, confidence, variability,
            aum, forgetting, learned, issue_type, issue_types, reason)`;
        report(end / keys.length);
      });
      const flagged = result.issues;
      await inChunks(flagged.length, async (start, end) => {
        signal.throwIfAborted();
        const chunk = flagged.slice(start, end);
        await sql`
          insert into assay.sample_issues (revision_id, project_id, sample_key, split, issue_type, score, details)
          select ${revisionId}::uuid, ${projectId}::uuid, u.* from unnest(
            ${chunk.map((i) => keys[i.row]!)}::bigint[], ${
          chunk.map((i) => splits[i.row]!)
        }::text[],
            ${chunk.map((i) => i.issueType)}::text[], ${
          chunk.map((i) => i.score)
        }::real[],
            ${
          chunk.map((i) => JSON.stringify(i.details))
        }::text[]::jsonb[]) as u`;
      });
      const near = neighbourRows(result, keys, splits);
      await inChunks(near.length, async (start, end) => {
        signal.throwIfAborted();
        const chunk = near.slice(start, end);
        await sql`
          insert into assay.sample_neighbours
            (revision_id, project_id, sample_key, split, position, neighbour_key, neighbour_split, similarity)
          select ${revisionId}::uuid, ${projectId}::uuid, u.* from unnest(
            ${chunk.map((n) => n.key)}::bigint[], ${
          chunk.map((n) => n.split)
        }::text[], ${chunk.map((n) => n.position)}::int[],
            ${chunk.map((n) => n.neighbourKey)}::bigint[], ${
          chunk.map((n) => n.neighbourSplit)
        }::text[],
            ${chunk.map((n) => n.similarity)}::real[]) as u`;
      });
      await writeClasses(sql, head, result);
      await writeProblems(sql, head, signals);
      signal.throwIfAborted();
      await compare(sql, head);
    },
  };
}

/** Keeps how it differs from the one before it: who reads it next asks for that. */
async function compare(
  sql: Sql,
  { revisionId, runId, parentId }: RevisionHead,
) {
  await sql`
    select assay.keep_difference(o.id, ${revisionId}) from assay.revisions o
    where o.id = coalesce(${parentId}::uuid, (
      select p.id from assay.revisions p where p.run_id = ${runId} and p.number is not null order by p.number desc limit 1
    ))`;
}

function neighbourRows(
  { neighbours }: ScoreResult,
  keys: string[],
  splits: string[],
) {
  if (!neighbours) return [];
  const { rows, k, neighbours: near, similarities } = neighbours;
  return Array.from(rows).flatMap((row, i) =>
    Array.from({ length: k }, (_, position) => ({
      key: keys[row]!,
      split: splits[row]!,
      position,
      neighbour: near[i * k + position]!,
      similarity: similarities[i * k + position]!,
    })).filter(({ neighbour }) => neighbour >= 0).map((entry) => ({
      ...entry,
      neighbourKey: keys[entry.neighbour]!,
      neighbourSplit: splits[entry.neighbour]!,
    }))
  );
}

async function writeClasses(
  sql: Sql,
  { revisionId, projectId }: RevisionHead,
  { classReport, classPairs }: ScoreResult,
) {
  await sql`
    insert into assay.class_reports
      (revision_id, project_id, split, label, n_given, n_predicted, n_mislabeled, "precision", recall, f1, mean_data_error_potential)
    select ${revisionId}::uuid, ${projectId}::uuid, u.* from unnest(
      ${classReport.map((c) => c.split)}::text[], ${
    classReport.map((c) => c.label)
  }::int[],
      ${classReport.map((c) => c.nGiven)}::int[], ${
    classReport.map((c) => c.nPredicted)
  }::int[],
      ${classReport.map((c) => c.nMislabeled)}::int[], ${
    classReport.map((c) => c.precision)
  }::real[],
      ${classReport.map((c) => c.recall)}::real[], ${
    classReport.map((c) => c.f1)
  }::real[],
      ${classReport.map((c) => c.meanDataErrorPotential)}::real[]) as u`;
  await sql`
    insert into assay.class_pairs (revision_id, project_id, split, given_label, suggested_label, n_flagged, share_of_given)
    select ${revisionId}::uuid, ${projectId}::uuid, u.* from unnest(
      ${classPairs.map((c) => c.split)}::text[], ${
    classPairs.map((c) => c.givenLabel)
  }::int[],
      ${classPairs.map((c) => c.suggestedLabel)}::int[], ${
    classPairs.map((c) => c.nFlagged)
  }::int[],
      ${classPairs.map((c) => c.shareOfGiven)}::real[]) as u`;
}

async function writeProblems(
  sql: Sql,
  { revisionId, projectId }: RevisionHead,
  { problems }: RunSignals,
) {
  await inChunks(problems.length, async (start, end) => {
    const chunk = problems.slice(start, end);
    await sql`
      insert into assay.row_problems (revision_id, project_id, part_id, row_number, column_name, message, n_rows)
      select ${revisionId}::uuid, ${projectId}::uuid, u.* from unnest(
        ${chunk.map((p) => p.partId)}::uuid[], ${
      chunk.map((p) => p.row)
    }::int[], ${chunk.map((p) => p.column)}::text[],
        ${chunk.map((p) => p.message)}::text[], ${
      chunk.map((p) => p.nRows)
    }::int[]) as u`;
  });
}
