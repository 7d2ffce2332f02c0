// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import type { DifferenceQuery } from "@shared/schemas/revision.ts";
import type { Page } from "@shared/types/page.ts";
import type {
  RevisionDifference,
  RevisionOverview,
} from "@shared/types/revision.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { noDifference, readDifference } from "./read_difference.ts";

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
        return from === to.revision_id
          ? noDifference(to)
          : await readDifference(sql, from, to.revision_id, query);
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

function columns(sql: Transaction) {
  return sql`v.revision_id, v.run_id, v.number, v.parent_id, v.job_id, v.job_kind, v.thresholds, v.n_verdicts, v.model_id, v.summary,
    v.n_samples, v.published_at, v.is_current`;
}
