// deno-lint-ignore-file camelcase
/** The ends of a 90 % interval. */
export interface Interval {
  /** Low end. */
  readonly low: number;
  /** High end. */
  readonly high: number;
}

/** Answer of the server about an audit. */
export interface AuditAnswer {
  /** The audit. */
  readonly audit_id: string;
  /** Samples that were found right or wrong. */
  readonly n_judged: number;
  /** Samples that were dropped. */
  readonly n_left_out: number;
  /** Samples that remain to be judged. */
  readonly n_remaining: number;
  /** Samples that must be judged before there is an answer. */
  readonly n_needed: number;
  /** What it says of all labels; null until enough are judged. */
  readonly answer: {
    readonly n_labels: number;
    readonly n_errors: Interval & { readonly mean: number };
    readonly rate: Interval & { readonly mean: number };
    readonly n_confirmed: number;
  } | null;
}

/** What an audit says so far, as a sentence in a template. Numbers are null until enough samples are judged. */
export class AuditResult {
  /** Samples that were found right or wrong. */
  readonly n_judged: number;
  /** Samples that were dropped, which says nothing of their labels. */
  readonly n_left_out: number;
  /** Samples that remain to be judged. */
  readonly n_remaining: number;
  /** Samples that must be judged before there is a number. More than remain: too many were dropped, draw others. */
  readonly n_needed: number;
  /** Labels that it speaks of. */
  readonly n_labels: number | null;
  /** How many of them are wrong. */
  readonly n_errors: number | null;
  /** That, with a 90 % interval. */
  readonly n_errors_interval: Interval | null;
  /** The share of wrong labels. */
  readonly rate: number | null;
  /** That, with a 90 % interval. */
  readonly rate_interval: Interval | null;
  /** Wrong labels that people found, in the audit and before it. */
  readonly n_confirmed: number | null;

  /** Use `Audit.result()`. */
  constructor({ answer, ...counts }: AuditAnswer) {
    this.n_judged = counts.n_judged;
    this.n_left_out = counts.n_left_out;
    this.n_remaining = counts.n_remaining;
    this.n_needed = counts.n_needed;
    this.n_labels = answer?.n_labels ?? null;
    this.n_errors = answer?.n_errors.mean ?? null;
    this.n_errors_interval = intervalOf(answer?.n_errors);
    this.rate = answer?.rate.mean ?? null;
    this.rate_interval = intervalOf(answer?.rate);
    this.n_confirmed = answer?.n_confirmed ?? null;
  }

  /** Such as `123 of 4,000 labels are wrong (90 % interval 98 to 151, 2.5 to 3.8 %), 100 judged`. */
  toString(): string {
    const { n_errors, n_errors_interval: n, rate_interval: rate } = this;
    if (n_errors === null || n === null || rate === null) {
      const needed =
        `${this.n_judged} judged; ${this.n_needed} more are needed for a number`;
      return this.n_needed <= this.n_remaining
        ? needed
        : `${needed}, but only ${this.n_remaining} left: draw others with another seed`;
    }
    const ends = `${whole(n.low)} to ${whole(n.high)}`;
    const shares = `${percent(rate.low)} to ${percent(rate.high)} %`;
    return `${whole(n_errors)} of ${
      whole(this.n_labels!)
    } labels are wrong (90 % interval ${ends}, ${shares}), ${this.n_judged} judged`;
  }
}

function intervalOf(known: Interval | undefined): Interval | null {
  return known ? { low: known.low, high: known.high } : null;
}

function whole(x: number): string {
  return Math.round(x).toLocaleString("en-US");
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
