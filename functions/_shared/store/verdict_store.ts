// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import type { Page } from "@shared/types/page.ts";
import type { VerdictRecord, VerdictRequest } from "@shared/types/verdict.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { publishedRevision } from "./published_revision.ts";

/** Keeps what people say about samples. */
export interface VerdictStore {
  /** Stores all or none; what was stored before under the same id stays. Returns how many of them are stored now. */
  put(
    caller: Principal,
    runId: string,
    verdicts: readonly VerdictRequest[],
  ): Promise<number>;
  /** What was said last about the contents that the run saw, newest first; taken back is gone. */
  list(
    caller: Principal,
    runId: string,
    page: PageQuery,
  ): Promise<Page<VerdictRecord>>;
}

/** Verdicts in PostgreSQL, under the policies that hold in Supabase Studio too. */
export function createVerdictStore(database: Database): VerdictStore {
  return {
    put: (caller, runId, verdicts) =>
      database.asMember(caller, async (sql) => {
        const rows = await resolve(sql, runId, verdicts);
        await sql`
          insert into assay.verdicts (id, dataset_id, sample_id, content_hash, verdict, label, comment, run_id)
          select u.id, r.dataset_id, u.sample_id, decode(u.content_hash, 'hex'), u.verdict, u.label, u.comment, r.id
          from jsonb_to_recordset(${sql.json(rows as never)})
            as u (n int, id uuid, sample_id text, content_hash text, verdict text, label text, comment text)
          cross join assay.runs r
          where r.id = ${runId}
          order by u.n
          on conflict (id) do nothing`;
        await refuseOthers(sql, rows);
        return rows.length;
      }),

    list: (caller, runId, { limit, cursor }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select v.verdict_id, v.dataset_id, v.sample_id, v.verdict, v.label, v.comment, v.reviewer_id, v.created_at,
            v.created_at::text as at
          from assay.runs r
          join assay.current_verdicts v on v.dataset_id = r.dataset_id
          where r.id = ${runId}
            and exists (
              select from assay.samples s
              join assay.dataset_version_samples d on d.sample_key = s.id and d.dataset_version_id = r.dataset_version_id
              where s.dataset_id = v.dataset_id and s.sample_id = v.sample_id and s.content_hash = v.content_hash)
            ${
          after
            ? sql`and (v.created_at < ${after[0]!}::text::timestamptz
                or (v.created_at = ${after[
              0
            ]!}::text::timestamptz and v.verdict_id > ${after[1]!}::uuid))`
            : sql``
        }
          order by v.created_at desc, v.verdict_id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.verdict_id],
          ({ at: _, ...row }) => row as VerdictRecord,
        );
      }),
  };
}

interface Row {
  readonly n: number;
  readonly id: string;
  readonly sample_id: string;
  readonly content_hash: string;
  readonly verdict: string;
  readonly label: string | null;
  readonly comment: string | null;
}

/** Gives each verdict the content that this run saw: what is said is about that, not about what the id may hold next year. */
async function resolve(
  sql: Transaction,
  runId: string,
  verdicts: readonly VerdictRequest[],
): Promise<Row[]> {
  await publishedRevision(sql, runId);
  const ids = [...new Set(verdicts.map((verdict) => verdict.sample_id))];
  const seen = await sql`
    select s.sample_id, d.split, encode(s.content_hash, 'hex') as hash
    from assay.runs r
    join assay.samples s on s.dataset_id = r.dataset_id
    join assay.dataset_version_samples d on d.sample_key = s.id and d.dataset_version_id = r.dataset_version_id
    where r.id = ${runId} and s.sample_id = any (${ids}::text[])`;
  const [run] =
    await sql`select r.label_names from assay.runs r where r.id = ${runId}`;
  const labels = new Set<string>(run!.label_names);
  return verdicts.map((verdict, n) => {
    const refuse = (rule: string): never => {
      throw new AppError(
        "validation_failed",
        `Cannot store verdicts[${n}] about sample "${verdict.sample_id}": ${rule}`,
      );
    };
    const hashes = new Set<string>(
      seen.filter((row) =>
        row.sample_id === verdict.sample_id &&
        (verdict.split === null || row.split === verdict.split)
      ).map((row) => row.hash),
    );
    if (hashes.size === 0) refuse("the run has no such sample");
    if (hashes.size > 1) {
      refuse(
        "it stands in several splits with different content; name one in split",
      );
    }
    if (verdict.label !== null && !labels.has(verdict.label)) {
      refuse("label is none of the run's label_names");
    }
    return {
      n,
      id: verdict.verdict_id,
      sample_id: verdict.sample_id,
      content_hash: [...hashes][0]!,
      verdict: verdict.verdict,
      label: verdict.label,
      comment: verdict.comment,
    };
  });
}

/** An id that stands for something else already, here or where the caller sees nothing, is refused with all the rest. */
async function refuseOthers(
  sql: Transaction,
  rows: readonly Row[],
): Promise<void> {
  const stored = await sql`
    select v.id, v.sample_id, encode(v.content_hash, 'hex') as content_hash, v.verdict, v.label, v.comment
    from assay.verdicts v where v.id = any (${
    rows.map((row) => row.id)
  }::uuid[])`;
  const byId = new Map(stored.map((row) => [row.id, row]));
  for (const row of rows) {
    const before = byId.get(row.id);
    const isSame = before !== undefined &&
      (["sample_id", "content_hash", "verdict", "label", "comment"] as const)
        .every((name) => before[name] === row[name]);
    if (!isSame) {
      throw new AppError(
        "idempotency_conflict",
        `Cannot store verdicts[${row.n}]: verdict_id "${row.id}" stands for another verdict`,
      );
    }
  }
}
