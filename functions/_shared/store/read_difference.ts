// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { DifferenceQuery } from "@shared/schemas/revision.ts";
import type {
  ChangeCounts,
  ChangeKind,
  RevisionDifference,
  RevisionOverview,
  SampleChange,
} from "@shared/types/revision.ts";
import type { Transaction } from "./database.ts";
import { decodeCursor, encodeCursor } from "./page.ts";

/** Bits of `revision_difference_ranks.changes`. */
const CHANGES: Readonly<Record<ChangeKind, number>> = {
  newly_flagged: 1,
  no_longer_flagged: 2,
  issue_types: 4,
  suggestion: 8,
  probability: 16,
  rank: 32,
  any: 63,
};

/** Comparing two revisions takes longer than other statements may, seconds of a core a million samples. */
const COMPARING_TIMEOUT = "100s";
/** Of how many others may push what was just compared out again before it was read. */
const MOST_ATTEMPTS = 3;

/**
 * One page of what a revision says differently than another of its run, by the later rank.
 *
 * Reads what is kept of the pair: the changed samples of the page alone, however many there are of others. Where nothing is kept yet, both revisions
 * are compared once; the worker has done it for a revision and the one before it.
 *
 * @param sql Transaction of a caller who sees both.
 * @param from The revision before.
 * @param to The revision after.
 * @param query What is asked for.
 * @throws {AppError} `validation_failed` if the cursor is of other revisions.
 */
export async function readDifference(
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
  const last = Number(after?.[2] ?? 0);
  const kept = await keptOf(
    sql,
    { from, to },
    CHANGES[change],
    last,
    limit + 1,
  );
  const ranks = kept.ranks.slice(0, limit);
  const rows = await sql`
    select v.sample_id, v.split, v.text_preview, v.given_label, v.rank_before, v.rank_after, v.issue_types_before, v.issue_types_after,
      v.suggested_label_before, v.suggested_label_after, v.mislabeled_score_before, v.mislabeled_score_after,
      v.mislabeled_probability_before, v.mislabeled_probability_after, v.reason
    from assay.revision_changes v
    where v.from_revision_id = ${from} and v.to_revision_id = ${to} and v.rank_after = any (${ranks}::int[])
    order by v.rank_after`;
  return {
    from_revision_id: from,
    to_revision_id: to,
    counts: after === null ? kept.counts : null,
    rows: rows as unknown as SampleChange[],
    next_cursor: kept.ranks.length > limit
      ? encodeCursor([from, to, ranks.at(-1)!])
      : null,
  };
}

/** What a revision says differently than itself. */
export function noDifference(
  { revision_id, n_samples }: RevisionOverview,
): RevisionDifference {
  return {
    from_revision_id: revision_id,
    to_revision_id: revision_id,
    counts: {
      n_compared: n_samples,
      newly_flagged: 0,
      no_longer_flagged: 0,
      issue_types: 0,
      suggestion: 0,
      probability: 0,
      rank: 0,
      by_issue_type: {},
    },
    rows: [],
    next_cursor: null,
  };
}

interface Pair {
  readonly from: string;
  readonly to: string;
}

interface Kept {
  readonly counts: ChangeCounts;
  readonly ranks: readonly number[];
}

/** What is kept of a pair, which is compared first where nothing is: counts, and ranks of samples changed in one of the ways of `bits`, after `last`. */
async function keptOf(
  sql: Transaction,
  pair: Pair,
  bits: number,
  last: number,
  limit: number,
): Promise<Kept> {
  const { from, to } = pair;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    // one statement: what is kept of a pair goes whole, when others are compared
    const [kept] = await sql`
      select p.counts, array(
        select c.rank
        from assay.revision_difference_ranks d
        cross join lateral (
          select u.rank from unnest(d.ranks, d.changes_of_rank) as u (rank, changes)
          where u.rank > ${last} and u.changes & ${bits} <> 0
        ) c
        where d.from_revision_id = ${from} and d.to_revision_id = ${to} and d.last_rank > ${last} and d.changes & ${bits} <> 0
        order by d.last_rank, c.rank limit ${limit}
      ) as ranks
      from assay.revision_differences p
      where p.from_revision_id = ${from} and p.to_revision_id = ${to}`;
    if (kept) return kept as unknown as Kept;
    await sql`select set_config('statement_timeout', ${COMPARING_TIMEOUT}, true)`;
    await sql`select assay.compare_revisions(${from}, ${to})`;
  }
  throw new AppError(
    "upstream_unavailable",
    "Cannot compare revisions: too many are being compared, ask again",
  );
}
