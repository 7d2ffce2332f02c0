/** Samples with about the same log-odds that their given label is wrong. */
export interface LogOddsBin {
  /** Log-odds times {@linkcode BINS_PER_UNIT}, rounded. */
  readonly bin: number;
  /** Samples in it. */
  readonly n: number;
}

/** Samples that an audit draws from evenly: those of neighbouring bins. */
export interface AuditStratum {
  /** Its lowest bin. */
  readonly from: number;
  /** Its highest bin. */
  readonly to: number;
  /** Samples in it. */
  readonly nSamples: number;
  /** Samples to draw from it. */
  readonly nDrawn: number;
}

/** Bins in one unit of log-odds. */
export const BINS_PER_UNIT = 40;
/** Log-odds are flat beyond this. */
export const MAX_LOG_ODDS = 12;
/** Samples from which an audit has more strata, and how many it has. */
const MANY = 60;
const [FEW_STRATA, MANY_STRATA] = [5, 8];
/** What a sample that is certainly right or wrong still weighs. */
const LEAST_WEIGHT = 0.02;

/** Bin of log-odds. */
export function binOf(logOdds: number): number {
  const flat = Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, logOdds));
  return Math.round(flat * BINS_PER_UNIT);
}

/**
 * Strata of an audit, and how many samples it draws from each.
 *
 * Strata share `sqrt(P (1 - P))` evenly, with P the probability that a given label is wrong: 5 of them for fewer than 60 samples, else 8; fewer
 * where bins are too large to be cut so. Samples are drawn in proportion to the sum of `sqrt(P (1 - P)) + 0.02` in each. O(bins).
 *
 * Source: the shares are Neyman's (1934) for strata of equal error.
 *
 * @param bins Samples by log-odds, each bin once, in any order.
 * @param nSamples Samples to draw; all of them where there are no more.
 * @returns Strata from the highest log-odds down; none of them is empty.
 *
 * @example
 * ```ts
 * import { auditStrata } from "./audit_strata.ts";
 * import assert from "node:assert/strict";
 *
 * const strata = auditStrata([{ bin: -160, n: 900 }, { bin: 0, n: 100 }], 50);
 * assert.equal(strata.reduce((sum, { nDrawn }) => sum + nDrawn, 0), 50);
 * ```
 */
export function auditStrata(
  bins: readonly LogOddsBin[],
  nSamples: number,
): AuditStratum[] {
  const sorted = bins.filter(({ n }) => n > 0).sort((a, b) => b.bin - a.bin);
  const spread = ({ bin, n }: LogOddsBin) => {
    const p = 1 / (1 + Math.exp(-bin / BINS_PER_UNIT));
    return n * Math.sqrt(p * (1 - p));
  };
  const total = sorted.reduce((sum, bin) => sum + spread(bin), 0);
  const nStrata = nSamples < MANY ? FEW_STRATA : MANY_STRATA;
  const strata: { from: number; to: number; n: number; weight: number }[] = [];
  let [before, last] = [0, -1];
  for (const bin of sorted) {
    const share = (before + spread(bin) / 2) / total;
    const place = Math.min(nStrata - 1, Math.floor(share * nStrata));
    if (place !== last) {
      strata.push({ from: bin.bin, to: bin.bin, n: 0, weight: 0 });
    }
    const stratum = strata.at(-1)!;
    stratum.from = bin.bin;
    stratum.n += bin.n;
    stratum.weight += spread(bin) + LEAST_WEIGHT * bin.n;
    before += spread(bin);
    last = place;
  }
  const drawn = allocation(strata, nSamples);
  return strata.map(({ from, to, n }, i) => ({
    from,
    to,
    nSamples: n,
    nDrawn: drawn[i]!,
  }));
}

/**
 * The middle of each stratum: the log-odds that half of its samples do not exceed.
 *
 * @param strata Of an audit.
 * @param bins Samples by log-odds, in any order.
 * @returns Log-odds, ascending, one each for strata with samples.
 */
export function stratumKnots(
  strata: readonly Pick<AuditStratum, "from" | "to">[],
  bins: readonly LogOddsBin[],
): number[] {
  const sorted = bins.toSorted((a, b) => a.bin - b.bin);
  return strata.flatMap(({ from, to }) => {
    const own = sorted.filter(({ bin }) => from <= bin && bin <= to);
    let left = own.reduce((sum, { n }) => sum + n, 0) / 2;
    const middle = own.find(({ n }) => (left -= n) <= 0);
    return middle ? [middle.bin / BINS_PER_UNIT] : [];
  }).sort((a, b) => a - b);
}

/** Whole numbers in proportion to weights, none above what there is; at least one each where there are enough. */
function allocation(
  strata: readonly { n: number; weight: number }[],
  nSamples: number,
): number[] {
  const drawn = strata.map(() => nSamples >= strata.length ? 1 : 0);
  const most = strata.reduce((sum, { n }) => sum + n, 0);
  let left = Math.min(nSamples, most) -
    drawn.reduce<number>((a, b) => a + b, 0);
  for (; left > 0; left--) {
    let next = -1;
    strata.forEach(({ n, weight }, i) => {
      if (drawn[i]! >= n) return;
      const need = weight / (drawn[i]! + 0.5);
      const other = strata[next];
      if (!other || need > other.weight / (drawn[next]! + 0.5)) next = i;
    });
    drawn[next]!++;
  }
  return drawn;
}
