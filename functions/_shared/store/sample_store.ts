import { AppError } from "@shared/errors.ts";
import type { SampleQuery } from "@shared/schemas/sample_query.ts";
import type { Page } from "@shared/types/page.ts";
import type { RankedSample } from "@shared/types/result.ts";
import type { SampleDetail } from "@shared/types/sample.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { type CursorValue, decodeCursor, pageOf } from "./page.ts";
import { publishedRevision } from "./published_revision.ts";
import { filterSql, type Fragment } from "./sample_filter_sql.ts";

/** Where a sample's whole text lies in Storage. */
export interface ContentPlace {
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
}

/** A sample's detail, its text still to be fetched where `content` says so. */
export interface FoundSample {
  readonly detail: SampleDetail;
  /** Null: the preview is the whole text. */
  readonly content: ContentPlace | null;
}

/** Reads the samples of a run's revision. */
export interface SampleStore {
  /** The ranked list. */
  list(
    caller: Principal,
    runId: string,
    query: SampleQuery,
  ): Promise<Page<RankedSample>>;
  /** One sample with its neighbours, details and dynamics. */
  get(
    caller: Principal,
    runId: string,
    split: string,
    sampleId: string,
    revision: string | null,
  ): Promise<FoundSample>;
}

/** Samples as the view `revision_samples` shows them. */
export function createSampleStore(database: Database): SampleStore {
  return {
    list: (caller, runId, { filter, sort, limit, cursor, revision: named }) =>
      database.asMember(caller, async (sql) => {
        const revision = await publishedRevision(sql, runId, named);
        const after = decodeCursor(cursor, ["string", "number", "number?"]);
        if (after && after[0] !== revision.id) {
          throw new AppError(
            "conflict",
            "Cannot go on with this list: the run was scored again; start without a cursor",
          );
        }
        const rows = await sql`
          select ${columns(sql)} from assay.revision_samples v
          where v.run_id = ${runId} and v.revision_id = ${revision.id} and ${
          filterSql(sql, filter)
        } and ${afterSql(sql, sort, after)}
          order by ${
          sort === "rank"
            ? sql`v.rank`
            : sql`v.hardness desc nulls last, v.rank`
        } limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [revision.id, row.rank, row.hardness],
          (row) => row as unknown as RankedSample,
        );
      }),

    get: (caller, runId, split, sampleId, named) =>
      database.asMember(caller, async (sql) => {
        const revision = await publishedRevision(sql, runId, named);
        // The keys first: the view alone would look through all of the revision.
        const keys = await sql`
          select s.id from assay.samples s join assay.runs r on r.dataset_id = s.dataset_id
          where r.id = ${runId} and s.sample_id = ${sampleId}`;
        const [row] = await sql`
          select ${columns(sql)}, v.sample_key from assay.revision_samples v
          where v.run_id = ${runId} and v.revision_id = ${revision.id} and v.split = ${split}
            and v.sample_key = any (${keys.map((key) => key.id)}::bigint[])`;
        if (!row) {
          throw new AppError(
            "not_found",
            `Cannot find sample "${sampleId}" in split "${split}" of run "${runId}"`,
          );
        }
        const { sample_key, ...sample } = row;
        const place: Place = { revision: revision.id, split, key: sample_key };
        return await detailOf(sql, place, sample as RankedSample);
      }),
  };
}

interface Place {
  readonly revision: string;
  readonly split: string;
  readonly key: string;
}

async function detailOf(
  sql: Transaction,
  { revision, split, key }: Place,
  sample: RankedSample,
): Promise<FoundSample> {
  const [numbers] = await sql`
    select x.area_under_margin as aum, x.confidence, x.variability, x.forgetting_events, x.first_learned_epoch,
      s.content_path, s.content_offset, s.content_bytes
    from assay.sample_results x join assay.samples s on s.id = x.sample_key
    where x.revision_id = ${revision} and x.split = ${split} and x.sample_key = ${key}`;
  const neighbours = await sql`
    select s.sample_id, n.neighbour_split as split, s.text_preview, r.label_names[x.given_label + 1] as given_label, n.similarity
    from assay.sample_neighbours n
    join assay.samples s on s.id = n.neighbour_key
    join assay.revisions v on v.id = n.revision_id
    join assay.runs r on r.id = v.run_id
    left join assay.sample_results x
      on x.revision_id = n.revision_id and x.split = n.neighbour_split and x.sample_key = n.neighbour_key
    where n.revision_id = ${revision} and n.split = ${split} and n.sample_key = ${key}
    order by n.position`;
  const issues = await sql`
    select i.issue_type, i.details from assay.sample_issues i
    where i.revision_id = ${revision} and i.split = ${split} and i.sample_key = ${key}`;
  const { content_path, content_offset, content_bytes, ...dynamics } = numbers!;
  return {
    detail: {
      ...sample,
      text: sample.text_preview,
      neighbours: neighbours as unknown as SampleDetail["neighbours"],
      details: Object.fromEntries(
        issues.map((issue) => [issue.issue_type, issue.details]),
      ),
      dynamics: dynamics as unknown as SampleDetail["dynamics"],
    },
    content: content_path === null ? null : {
      path: content_path,
      offset: Number(content_offset),
      bytes: content_bytes,
    },
  };
}

function columns(sql: Transaction) {
  return sql`v.rank, v.sample_id, v.split, v.text_preview, v.metadata, v.given_label, v.predicted_label, v.suggested_label,
    v.issue_type, v.issue_types, v.reason, v.mislabeled_score, v.mislabeled_probability, v.data_error_potential,
    v.outlier_score, v.hardness, v.verdict, v.verdict_label`;
}

/** Rows after the cursor, whose values are revision, rank and hardness. */
function afterSql(
  sql: Transaction,
  sort: SampleQuery["sort"],
  after: CursorValue[] | null,
): Fragment {
  if (after === null) return sql`true`;
  const [, rank, hardness] = after;
  if (sort === "rank") return sql`v.rank > ${rank!}`;
  if (hardness === null || hardness === undefined) {
    return sql`(v.hardness is null and v.rank > ${rank!})`;
  }
  // As it was read: single precision has more digits than it shows when compared as a double.
  const least = sql`${hardness}::float4`;
  return sql`(v.hardness < ${least} or v.hardness is null or (v.hardness = ${least} and v.rank > ${rank!}))`;
}
