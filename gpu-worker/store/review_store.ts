import type { Sql } from "postgres";

/** What was said last about the content of a sample. */
export interface StoredReview {
  /** Row in `samples`. */
  readonly key: bigint;
  /** What was said. */
  readonly verdict: "keep" | "relabel" | "drop";
  /** Name of the class that is right by it; null: dropped, unlabelled, or the run it was said about is gone. */
  readonly label: string | null;
}

/** What people said. */
export interface ReviewStore {
  /** The current verdicts about a run's dataset that decide something, by sample. */
  current(runId: string): Promise<StoredReview[]>;
}

/** Reviews in PostgreSQL. */
export function createReviewStore(sql: Sql): ReviewStore {
  return {
    async current(runId) {
      // `keep` is said of the label that the run had where it was said: another run may give the same content another one.
      const rows = await sql`
        select s.id as key, v.verdict, case v.verdict when 'relabel' then v.label when 'keep' then g.label end as label
        from assay.runs r
        join assay.current_verdicts v on v.dataset_id = r.dataset_id and v.verdict in ('keep', 'relabel', 'drop')
        join assay.samples s
          on s.dataset_id = v.dataset_id and s.sample_id = v.sample_id and s.content_hash = v.content_hash
        left join lateral (
          select o.label_names[d.given_label + 1] as label
          from assay.runs o join assay.dataset_version_samples d on d.dataset_version_id = o.dataset_version_id
          where v.verdict = 'keep' and o.id = v.run_id and d.sample_key = s.id
          order by d.split limit 1
        ) g on true
        where r.id = ${runId} order by s.id`;
      return rows.map(({ key, verdict, label }) => ({
        key: BigInt(key),
        verdict,
        label,
      }));
    },
  };
}
