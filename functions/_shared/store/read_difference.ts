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
  const counts = await countsOf(sql, from, to);
  const bits = CHANGES[change];
  const last = Number(after?.[2] ?? 0);
  const found = await sql`
    select c.rank
    from assay.revision_difference_ranks d
    cross join lateral (
      select u.rank from unnest(d.ranks, d.changes_of_rank) as u (rank, changes)
      where u.rank > ${last} and u.changes & ${bits} <> 0
    ) c
    where d.from_revision_id = ${from} and d.to_revision_id = ${to} and d.last_rank > ${last} and d.changes & ${bits} <> 0
    order by d.last_rank, c.rank limit ${limit + 1}`;
  const ranks = found.slice(0, limit).map((row) => row.rank as number);
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
    counts: after === null ? counts : null,
    rows: rows as unknown as SampleChange[],
    next_cursor: found.length > limit
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

async function countsOf(
  sql: Transaction,
  from: string,
  to: string,
): Promise<ChangeCounts> {
  const kept = async () =>
    (await sql`
      select d.counts from assay.revision_differences d
      where d.from_revision_id = ${from} and d.to_revision_id = ${to}`)[0]
      ?.counts as ChangeCounts | undefined;
  const known = await kept();
  if (known) return known;
  await sql`select set_config('statement_timeout', ${COMPARING_TIMEOUT}, true)`;
  await sql`select assay.compare_revisions(${from}, ${to})`;
  return (await kept())!;
}
