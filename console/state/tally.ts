import type { VerdictKind } from "@shared/types/verdict.ts";

/** One verdict, whoever said it. */
export interface Said {
  readonly sampleId: string;
  readonly verdict: VerdictKind;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Tally {
  /** Samples with a standing verdict. */
  readonly reviewed: number;
  /** Of the newest `recent` decisions, those that found an error (relabel or drop). */
  readonly errors: number;
  /** Decisions counted: at most 20. `needs_review` decides nothing. */
  readonly recent: number;
}

export const RECENT = 20;

/** Counts standing verdicts: the newest of each sample, unless it was taken back. */
export function tally(said: Iterable<Said>): Tally {
  const latest = new Map<string, Said>();
  for (const one of said) {
    const known = latest.get(one.sampleId);
    if (!known || known.at <= one.at) latest.set(one.sampleId, one);
  }
  const standing = [...latest.values()].filter((s) => s.verdict !== "clear");
  const decided = standing.filter((s) => s.verdict !== "needs_review")
    .sort((a, b) => b.at - a.at).slice(0, RECENT);
  return {
    reviewed: standing.length,
    errors: decided.filter((s) => s.verdict !== "keep").length,
    recent: decided.length,
  };
}

/** What the yield means for the person at the keys. */
export function yieldWords({ errors, recent }: Tally): string {
  if (recent === 0) return "No decisions yet";
  if (recent < RECENT) return `${errors} of ${recent} were errors`;
  const words = `${errors} of the last ${RECENT} were errors`;
  return errors <= 1 ? `${words}: a good place to stop` : words;
}
