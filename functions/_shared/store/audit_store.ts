// deno-lint-ignore-file camelcase
import {
  auditStrata,
  type AuditStratum,
  BINS_PER_UNIT,
  type LogOddsBin,
  MAX_LOG_ODDS,
} from "@shared/audit/audit_strata.ts";
import {
  evaluateAudit,
  type JudgedSample,
} from "@shared/audit/evaluate_audit.ts";
import { AppError } from "@shared/errors.ts";
import type { AuditSampleQuery } from "@shared/schemas/audit.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import { isUuid } from "@shared/schemas/run.ts";
import { seededRandom } from "@shared/statistics/seeded_random.ts";
import type {
  Audit,
  AuditAnswer,
  AuditProgress,
  AuditRequest,
  AuditSample,
} from "@shared/types/audit.ts";
import type { Page } from "@shared/types/page.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { publishedRevision } from "./published_revision.ts";

/** Draws samples to be judged, and says what follows for all labels. */
export interface AuditStore {
  /** Draws from the published revision; the audit that is there, if it was asked for in the same way before. */
  draw(caller: Principal, runId: string, request: AuditRequest): Promise<Audit>;
  /** Audits of a run, newest first, without their answers: each takes 20 ms to work out. */
  list(
    caller: Principal,
    runId: string,
    page: PageQuery,
  ): Promise<Page<AuditProgress>>;
  /** One audit. */
  get(caller: Principal, runId: string, auditId: string): Promise<Audit>;
  /** Its samples, in an order that says nothing of them. */
  samples(
    caller: Principal,
    runId: string,
    auditId: string,
    query: AuditSampleQuery,
  ): Promise<Page<AuditSample>>;
}

/** Judged samples without which no number is told, unless the audit has no more. */
const ENOUGH = 30;
/** Without these it is told of no audit, unless the run has no more: draw others where too many were dropped. */
const AT_LEAST = 10;

/** Audits in PostgreSQL: samples are drawn there, so that no list of them comes here. */
export function createAuditStore(database: Database): AuditStore {
  const get = (caller: Principal, runId: string, auditId: string) =>
    database.asMemberAtOnce(caller, async (sql) => {
      const [row] = isUuid(auditId)
        ? await audits(sql, sql`a.run_id = ${runId} and a.id = ${auditId}`)
        : [];
      if (!row) throw notFound(runId, auditId);
      const progress = progressOf(row);
      const isKnown = progress.n_judged > 0 && progress.n_needed === 0;
      return {
        ...progress,
        answer: isKnown ? await answerOf(sql, auditId) : null,
      };
    });

  return {
    get,

    async draw(caller, runId, request) {
      const { id, drawn } = await database.asMemberAtOnce(
        caller,
        async (sql) => {
          const revision = await publishedRevision(sql, runId);
          const [before] = await sql`
          select a.id from assay.audits a
          where a.revision_id = ${revision.id} and a.n_asked = ${request.n_samples} and a.seed = ${request.seed}`;
          return before ? { id: before.id as string, drawn: null } : {
            id: "",
            drawn: await drawFrom(sql, runId, revision.id, request),
          };
        },
      );
      if (drawn === null) return await get(caller, runId, id);
      const stored = await database.asEdge(
        caller,
        (sql) => insertAudit(sql, runId, request, drawn),
      );
      // another request may have drawn the same at the same time
      if (stored === null) return await this.draw(caller, runId, request);
      return await get(caller, runId, stored);
    },

    list: (caller, runId, { limit, cursor }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const keys = await sql`
          select a.id, a.created_at::text as at from assay.audits a
          where a.run_id = ${runId} ${
          after
            ? sql`and (a.created_at < ${after[0]!}::text::timestamptz
                or (a.created_at = ${after[
              0
            ]!}::text::timestamptz and a.id > ${after[1]!}::uuid))`
            : sql``
        } order by a.created_at desc, a.id limit ${limit + 1}`;
        const found = new Map(
          (await audits(
            sql,
            sql`a.id = any (${keys.map((key) => key.id)}::uuid[])`,
          )).map((row) => [row.id, progressOf(row)]),
        );
        return pageOf(
          keys,
          limit,
          (key) => [key.at, key.id],
          (key) => found.get(key.id)!,
        );
      }),

    samples: (caller, runId, auditId, { limit, cursor, state }) =>
      database.asMember(caller, async (sql) => {
        const [audit] = isUuid(auditId)
          ? await sql`
            select 1 from assay.audits a where a.run_id = ${runId} and a.id = ${auditId}`
          : [];
        if (!audit) throw notFound(runId, auditId);
        const after = decodeCursor(cursor, ["number"]);
        const rows = await sql`
          select d.position, s.sample_id, d.split, s.text_preview, s.metadata,
            r.label_names[d.given_label + 1] as given_label, c.verdict, c.label as verdict_label
          from assay.audit_samples d
          join assay.samples s on s.id = d.sample_key
          join assay.runs r on r.id = ${runId}
          ${latestVerdict(sql)}
          where d.audit_id = ${auditId} and d.position > ${after?.[0] ?? -1}
            ${
          state === "all"
            ? sql``
            : sql`and (c.verdict is null or c.verdict = 'needs_review')`
        }
          order by d.position limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.position],
          (row) => row as unknown as AuditSample,
        );
      }),
  };
}

/** What was drawn, before it is stored. */
interface Drawn {
  readonly revisionId: string;
  readonly nReviewed: number;
  readonly nConfirmed: number;
  readonly bins: readonly LogOddsBin[];
  readonly strata: readonly AuditStratum[];
  readonly samples: readonly {
    readonly sample_key: string;
    readonly split: string;
    readonly given_label: number;
    readonly bin: number;
  }[];
}

async function drawFrom(
  sql: Transaction,
  runId: string,
  revisionId: string,
  { n_samples, seed }: AuditRequest,
): Promise<Drawn> {
  const judged = sql`
    judged as materialized (
      select s.id as sample_key, c.verdict, ${
    rightLabel(sql, sql`c`)
  } as right_label
      from assay.runs r
      join assay.current_verdicts c on c.dataset_id = r.dataset_id
      join assay.samples s
        on s.dataset_id = c.dataset_id and s.sample_id = c.sample_id and s.content_hash = c.content_hash
      where r.id = ${runId} and c.verdict in ('keep', 'relabel', 'drop'))`;
  // log-odds of the probability, else of the score, which is one where it is not calibrated
  const open = sql`
    ${judged}, open as materialized (
      select x.sample_key, x.split, x.given_label,
        round(${BINS_PER_UNIT}::float8 * greatest(-${MAX_LOG_ODDS}::float8, least(${MAX_LOG_ODDS}::float8, ln(p / (1 - p)))))::int as bin
      from assay.sample_results x
      cross join lateral (
        select greatest(1e-6, least(1 - 1e-6, coalesce(x.mislabeled_probability, x.mislabeled_score)::float8)) as p) as known
      where x.revision_id = ${revisionId} and x.given_label is not null
        and coalesce(x.mislabeled_probability, x.mislabeled_score) is not null
        and not exists (select from judged j where j.sample_key = x.sample_key))`;
  const bins = await sql<LogOddsBin[]>`
    with ${open} select o.bin, count(*)::int as n from open o group by 1 order by 1 desc`;
  const strata = auditStrata(bins, n_samples);
  const drawn = await sql<Drawn["samples"][number][]>`
    with ${open}
    select d.sample_key, d.split, d.given_label, d.bin
    from jsonb_to_recordset(${
    sql.json(strata as never)
  }) as t ("from" int, "to" int, "nDrawn" int)
    cross join lateral (
      select * from open o where o.bin between t."from" and t."to"
      order by hashint8extended(o.sample_key, ${seed}), o.split limit t."nDrawn") as d
    order by d.sample_key, d.split`;
  const [known] = await sql`
    with ${judged}
    select count(*)::int as n_reviewed,
      count(*) filter (where j.right_label <> r.label_names[x.given_label + 1])::int as n_confirmed
    from assay.runs r
    join assay.sample_results x on x.revision_id = ${revisionId} and x.given_label is not null
    join judged j on j.sample_key = x.sample_key and j.verdict <> 'drop'
    where r.id = ${runId}`;
  return {
    revisionId,
    nReviewed: known!.n_reviewed,
    nConfirmed: known!.n_confirmed,
    bins: [...bins],
    strata,
    samples: shuffled([...drawn], seededRandom(seed)),
  };
}

/** Returns its id; null where one is there that was asked for in the same way. */
async function insertAudit(
  sql: Transaction,
  runId: string,
  { n_samples, seed }: AuditRequest,
  drawn: Drawn,
): Promise<string | null> {
  const id = crypto.randomUUID();
  const rows = drawn.samples.map((sample, position) => ({
    ...sample,
    position,
  }));
  const { count } = await sql`
    insert into assay.audits (id, project_id, run_id, revision_id, n_asked, seed, n_reviewed, n_confirmed, bins, strata, created_by)
    select ${id}, r.project_id, r.id, ${drawn.revisionId}, ${n_samples}, ${seed}, ${drawn.nReviewed}, ${drawn.nConfirmed},
      ${sql.json(drawn.bins as never)}, ${
    sql.json(drawn.strata as never)
  }, assay.user_id()
    from assay.runs r where r.id = ${runId}
    on conflict do nothing`;
  if (count === 0) return null;
  await sql`
    insert into assay.audit_samples (audit_id, project_id, position, sample_key, split, given_label, bin)
    select ${id}, r.project_id, u.position, u.sample_key, u.split, u.given_label, u.bin
    from jsonb_to_recordset(${sql.json(rows as never)})
      as u (position int, sample_key bigint, split text, given_label int, bin int)
    cross join assay.runs r where r.id = ${runId}`;
  return id;
}

/** Audits that meet a condition, as far as they have come; their samples stay where they are. */
async function audits(
  sql: Transaction,
  condition: ReturnType<Transaction>,
): Promise<AuditRow[]> {
  return await sql<AuditRow[]>`
    select a.id, a.run_id, a.revision_id, a.created_at, d.*,
      (select coalesce(sum((b ->> 'n')::int), 0)::int from jsonb_array_elements(a.bins) b) as n_open
    from assay.audits a
    cross join lateral (
      select count(*)::int as n_samples,
        (count(*) filter (where c.verdict in ('keep', 'relabel')))::int as n_judged,
        (count(*) filter (where c.verdict = 'drop'))::int as n_left_out
      from assay.audit_samples d
      join assay.samples s on s.id = d.sample_key
      join assay.runs r on r.id = a.run_id
      ${latestVerdict(sql)}
      where d.audit_id = a.id) as d
    where ${condition}`;
}

interface AuditRow {
  readonly id: string;
  readonly run_id: string;
  readonly revision_id: string;
  readonly created_at: string;
  readonly n_samples: number;
  readonly n_judged: number;
  readonly n_left_out: number;
  /** Labels it was drawn from. */
  readonly n_open: number;
}

function progressOf({ id, n_open, ...row }: AuditRow): AuditProgress {
  const { n_samples, n_judged, n_left_out } = row;
  const enough = Math.min(
    ENOUGH,
    Math.max(n_samples, Math.min(AT_LEAST + n_left_out, n_open)) - n_left_out,
  );
  return {
    audit_id: id,
    run_id: row.run_id,
    revision_id: row.revision_id,
    n_samples,
    n_judged,
    n_left_out,
    n_remaining: n_samples - n_judged - n_left_out,
    n_needed: Math.max(0, enough - n_judged),
    created_at: row.created_at,
  };
}

async function answerOf(
  sql: Transaction,
  auditId: string,
): Promise<AuditAnswer | null> {
  const [audit] = await sql<
    {
      seed: number;
      n_reviewed: number;
      n_confirmed: number;
      bins: LogOddsBin[];
      strata: AuditStratum[];
    }[]
  >`select a.seed, a.n_reviewed, a.n_confirmed, a.bins, a.strata from assay.audits a where a.id = ${auditId}`;
  const { bins, strata, seed, n_reviewed, n_confirmed } = audit!;
  const verdicts = await sql<{ bin: number; is_wrong: boolean | null }[]>`
    select d.bin, c.right_label <> r.label_names[d.given_label + 1] as is_wrong
    from assay.audits a
    join assay.runs r on r.id = a.run_id
    join assay.audit_samples d on d.audit_id = a.id
    join assay.samples s on s.id = d.sample_key
    ${latestVerdict(sql)}
    where a.id = ${auditId} and c.verdict in ('keep', 'relabel')
    order by d.position`;
  const judged = verdicts.map(({ bin, is_wrong }): JudgedSample => ({
    logOdds: bin / BINS_PER_UNIT,
    isWrong: is_wrong === true,
  }));
  const { nSamples, mean, low, high } = evaluateAudit({
    bins,
    strata,
    judged,
    seed,
  });
  const nLabels = nSamples + n_reviewed;
  if (nLabels === 0) return null;
  const n_errors = {
    mean: mean + n_confirmed,
    low: low + n_confirmed,
    high: high + n_confirmed,
  };
  return {
    n_labels: nLabels,
    n_errors,
    rate: {
      mean: n_errors.mean / nLabels,
      low: n_errors.low / nLabels,
      high: n_errors.high / nLabels,
    },
    n_confirmed: n_confirmed + judged.filter(({ isWrong }) => isWrong).length,
  };
}

function notFound(runId: string, auditId: string): AppError {
  return new AppError(
    "not_found",
    `Cannot find audit "${auditId}" of run "${runId}"`,
  );
}

/** Joins what was said last of the content of `s`, as `c`. */
function latestVerdict(sql: Transaction): ReturnType<Transaction> {
  return sql`
    left join lateral (
      select v.verdict, v.label, ${
    rightLabel(sql, sql`v`)
  } as right_label from assay.verdicts v
      where v.dataset_id = s.dataset_id and v.sample_id = s.sample_id and v.content_hash = s.content_hash
      order by v.created_at desc, v.id limit 1) as c on c.verdict <> 'clear'`;
}

/** Name of the class that is right by a verdict about `s`: "keep" is said of the label that the run had where it was said; null: unknown. */
function rightLabel(
  sql: Transaction,
  verdict: ReturnType<Transaction>,
): ReturnType<Transaction> {
  return sql`
    case ${verdict}.verdict when 'relabel' then ${verdict}.label when 'keep' then (
      select o.label_names[e.given_label + 1]
      from assay.runs o join assay.dataset_version_samples e on e.dataset_version_id = o.dataset_version_id
      where o.id = ${verdict}.run_id and e.sample_key = s.id
      order by e.split limit 1) end`;
}

/** In a random order (Fisher and Yates). */
function shuffled<T>(values: T[], random: () => number): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}
