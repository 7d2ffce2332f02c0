// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import type { DifferenceQuery } from "@shared/schemas/revision.ts";
import type { Page } from "@shared/types/page.ts";
import type {
  ChangeCounts,
  ChangeKind,
  RevisionDifference,
  RevisionOverview,
  SampleChange,
} from "@shared/types/revision.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";

/** Reads what a run's revisions are, and how they differ. */
export interface RevisionReader {
  /** Newest first. */
  list(
    caller: Principal,
    runId: string,
    page: PageQuery,
  ): Promise<Page<RevisionOverview>>;
  /** One published revision of a run. */
  get(
    caller: Principal,
    runId: string,
    revisionId: string,
  ): Promise<RevisionOverview>;
  /** What it says differently than an earlier one. */
  difference(
    caller: Principal,
    runId: string,
    revisionId: string,
    query: DifferenceQuery,
  ): Promise<RevisionDifference>;
}

/** Revisions as the views `revision_overview` and `revision_changes` show them. */
export function createRevisionReader(database: Database): RevisionReader {
  return {
    list: (caller, runId, { limit, cursor }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["number"]);
        const rows = await sql`
          select ${columns(sql)} from assay.revision_overview v
          where v.run_id = ${runId} ${
          after ? sql`and v.number < ${after[0]!}` : sql``
        }
          order by v.number desc limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.number],
          (row) => row as unknown as RevisionOverview,
        );
      }),
    get: (caller, runId, revisionId) =>
      database.asMember(
        caller,
        (sql) => revisionOf(sql, runId, revisionId),
      ),
    difference: (caller, runId, revisionId, query) =>
      database.asMember(caller, async (sql) => {
        const to = await revisionOf(sql, runId, revisionId);
        const from = query.from === null
          ? await before(sql, to)
          : (await revisionOf(sql, runId, query.from)).revision_id;
        return await difference(sql, from, to.revision_id, query);
      }),
  };
}

async function revisionOf(
  sql: Transaction,
  runId: string,
  revisionId: string,
): Promise<RevisionOverview> {
  const [row] = await sql`
    select ${columns(sql)} from assay.revision_overview v
    where v.run_id = ${runId} and v.revision_id::text = ${revisionId.toLowerCase()}`;
  if (row) return row as unknown as RevisionOverview;
  throw new AppError(
    "not_found",
    `Cannot find revision "${revisionId}" of run "${runId}"`,
  );
}

async function before(
  sql: Transaction,
  { run_id, revision_id, parent_id, number }: RevisionOverview,
): Promise<string> {
  if (parent_id !== null) return parent_id;
  const [row] = await sql`
    select v.revision_id from assay.revision_overview v
    where v.run_id = ${run_id} and v.number < ${number} order by v.number desc limit 1`;
  if (row) return row.revision_id;
  throw new AppError(
    "conflict",
    `Cannot compare revision "${revision_id}": it is the first of its run; name another one in from`,
  );
}

async function difference(
  sql: Transaction,
  from: string,
  to: string,
  { change, limit, cursor }: DifferenceQuery,
): Promise<RevisionDifference> {
  const after = decodeCursor(cursor, ["string", "string", "number"]);
  if (after && (after[0] !== from || after[1] !== to)) {
    throw new AppError(
      "validation_failed",
      "Cannot read cursor: it is of a comparison of other revisions",
    );
  }
  const rows = await sql`
    select v.sample_id, v.split, v.text_preview, v.given_label, v.rank_before, v.rank_after, v.issue_types_before, v.issue_types_after,
      v.suggested_label_before, v.suggested_label_after, v.mislabeled_score_before, v.mislabeled_score_after,
      v.mislabeled_probability_before, v.mislabeled_probability_after, v.reason
    from assay.revision_changes v
    where v.from_revision_id = ${from} and v.to_revision_id = ${to} and ${
    changed(sql, change)
  } and v.rank_after > ${after?.[2] ?? 0}
    order by v.rank_after limit ${limit + 1}`;
  const { rows: shown, next_cursor } = pageOf(
    rows,
    limit,
    (row) => [from, to, row.rank_after],
    (row) => row as unknown as SampleChange,
  );
  return {
    from_revision_id: from,
    to_revision_id: to,
    counts: after === null ? await count(sql, from, to) : null,
    rows: shown,
    next_cursor,
  };
}

function changed(sql: Transaction, change: ChangeKind) {
  return {
    any: sql`true`,
    newly_flagged:
      sql`v.issue_types_before = '{}' and v.issue_types_after <> '{}'`,
    no_longer_flagged:
      sql`v.issue_types_before <> '{}' and v.issue_types_after = '{}'`,
    issue_types: sql`v.issue_types_before <> v.issue_types_after`,
    suggestion:
      sql`v.suggested_label_before is distinct from v.suggested_label_after`,
    probability:
      sql`v.mislabeled_probability_before is distinct from v.mislabeled_probability_after`,
    rank: sql`v.rank_before <> v.rank_after`,
  }[change];
}

/** Reads both revisions once, names and texts left alone. */
async function count(
  sql: Transaction,
  from: string,
  to: string,
): Promise<ChangeCounts> {
  const [row] = await sql`
    with v as materialized (
      select y.rank as rank_before, x.rank as rank_after, y.issue_types as issue_types_before, x.issue_types as issue_types_after,
        y.suggested_label as suggested_label_before, x.suggested_label as suggested_label_after,
        y.mislabeled_probability as mislabeled_probability_before, x.mislabeled_probability as mislabeled_probability_after
      from assay.sample_results x
      join assay.sample_results y on y.revision_id = ${from} and y.split = x.split and y.sample_key = x.sample_key
      where x.revision_id = ${to}
    ), types as (
      select t.issue_type, count(*) filter (where t.is_after)::int as added, count(*) filter (where not t.is_after)::int as removed
      from v cross join lateral (
        select u.issue_type, true as is_after from unnest(v.issue_types_after) as u (issue_type)
        where u.issue_type <> all (v.issue_types_before)
        union all
        select u.issue_type, false from unnest(v.issue_types_before) as u (issue_type)
        where u.issue_type <> all (v.issue_types_after)
      ) t
      where v.issue_types_before <> v.issue_types_after
      group by t.issue_type
    )
    select count(*)::int as n_compared, ${
    COUNTED.map((change) =>
      sql`count(*) filter (where ${changed(sql, change)})::int as ${
        sql(change)
      }, `
    )
  }
      coalesce((
        select jsonb_object_agg(t.issue_type, jsonb_build_object('added', t.added, 'removed', t.removed)) from types t
      ), '{}') as by_issue_type
    from v`;
  return row as unknown as ChangeCounts;
}

const COUNTED = [
  "newly_flagged",
  "no_longer_flagged",
  "issue_types",
  "suggestion",
  "probability",
  "rank",
] as const;

function columns(sql: Transaction) {
  return sql`v.revision_id, v.run_id, v.number, v.parent_id, v.job_id, v.job_kind, v.thresholds, v.n_verdicts, v.model_id, v.summary,
    v.n_samples, v.published_at, v.is_current`;
}
