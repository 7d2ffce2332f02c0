import { seededRandom } from "../statistics/seeded_random.ts";
import {
  auditStrata,
  type AuditStratum,
  binOf,
  type LogOddsBin,
} from "./audit_strata.ts";

/** Samples to be judged, and what they stand for. */
export interface DrawnAudit {
  /** Rows, in an order that says nothing of them. */
  readonly rows: Int32Array;
  /** What they were drawn from. */
  readonly strata: readonly AuditStratum[];
  /** Samples by log-odds. */
  readonly bins: readonly LogOddsBin[];
}

/** Samples by log-odds, highest first; those without log-odds are left out. */
export function logOddsBins(logOdds: ArrayLike<number>): LogOddsBin[] {
  const counts = new Map<number, number>();
  for (let row = 0; row < logOdds.length; row++) {
    if (Number.isNaN(logOdds[row]!)) continue;
    const bin = binOf(logOdds[row]!);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].map(([bin, n]) => ({ bin, n }))
    .sort((a, b) => b.bin - a.bin);
}

/**
 * Draws samples for an audit: without replacement, evenly within strata that share `sqrt(P (1 - P))`.
 *
 * The edge draws the same way in SQL, by another generator.
 *
 * @param logOdds Log-odds that each given label is wrong; NaN where it is not to be drawn, (n,).
 * @param nSamples Samples to draw; all where there are no more.
 * @param seed Any integer.
 * @returns Rows, strata and bins for {@linkcode evaluateAudit}.
 *
 * @example
 * ```ts
 * import { drawAudit } from "./draw_audit.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(drawAudit([2, -1, -4, -4, NaN], 3, 0).rows.length, 3);
 * ```
 */
export function drawAudit(
  logOdds: ArrayLike<number>,
  nSamples: number,
  seed: number,
): DrawnAudit {
  const bins = logOddsBins(logOdds);
  const strata = auditStrata(bins, nSamples);
  const members: number[][] = strata.map(() => []);
  for (let row = 0; row < logOdds.length; row++) {
    if (Number.isNaN(logOdds[row]!)) continue;
    const bin = binOf(logOdds[row]!);
    members[strata.findIndex((s) => s.from <= bin && bin <= s.to)]!.push(row);
  }
  const random = seededRandom(seed);
  const drawn = strata.flatMap(({ nDrawn }, i) =>
    shuffled(members[i]!, nDrawn, random)
  );
  return {
    rows: Int32Array.from(shuffled(drawn, drawn.length, random)),
    strata,
    bins,
  };
}

/** The first n of a random order (Fisher and Yates). */
function shuffled(
  values: number[],
  n: number,
  random: () => number,
): number[] {
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values.slice(0, n);
}
