// deno-lint-ignore-file camelcase
import type { Split } from "./part.ts";
import type { VerdictKind } from "./verdict.ts";

/** A number that is known with a 90 % interval. */
export interface Interval {
  /** Its mean. */
  readonly mean: number;
  /** Low end. */
  readonly low: number;
  /** High end. */
  readonly high: number;
}

/** What `POST /runs/{id}/audits` asks for. */
export interface AuditRequest {
  /** Samples to draw, 10 to 2,000; all, where there are fewer. */
  readonly n_samples: number;
  /** Another one draws other samples. */
  readonly seed: number;
}

/** What an audit says of all labels. */
export interface AuditAnswer {
  /** Labels it speaks of: all that could be scored. */
  readonly n_labels: number;
  /** How many of them are wrong. */
  readonly n_errors: Interval;
  /** That, as a share. */
  readonly rate: Interval;
  /** Wrong ones that people found, in the audit and before it. */
  readonly n_confirmed: number;
}

/** How far an audit has come. */
export interface AuditProgress {
  /** The audit. */
  readonly audit_id: string;
  /** Run it is about. */
  readonly run_id: string;
  /** Revision whose scores it was drawn by. */
  readonly revision_id: string;
  /** Samples drawn. */
  readonly n_samples: number;
  /** Of them: found right or wrong. */
  readonly n_judged: number;
  /** Of them: dropped, which says nothing of the label. */
  readonly n_left_out: number;
  /** Of them: still to be judged. */
  readonly n_remaining: number;
  /**
   * How many more must be judged before there is an answer: 30 samples, or all of an audit of fewer; 10 at least, where the run has as many.
   * More than remain: too many were dropped, draw others.
   */
  readonly n_needed: number;
  /** ISO 8601. */
  readonly created_at: string;
}

/** An audit, with what it says so far. */
export interface Audit extends AuditProgress {
  /** The answer; null until enough are judged. */
  readonly answer: AuditAnswer | null;
}

/** A sample of an audit. Nothing that we think of it: that would bias who judges. */
export interface AuditSample {
  /** Place in the audit, from 0. */
  readonly position: number;
  /** The sample's id, as text. */
  readonly sample_id: string;
  /** Portion of the dataset. */
  readonly split: Split;
  /** First 2 kB of its text; null without text. */
  readonly text_preview: string | null;
  /** Metadata columns. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Name of the given label. */
  readonly given_label: string;
  /** Latest verdict of a person about this content; null: none. */
  readonly verdict: VerdictKind | null;
  /** Label of that verdict, for `relabel`. */
  readonly verdict_label: string | null;
}
