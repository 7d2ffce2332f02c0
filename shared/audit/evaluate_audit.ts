import { laplaceDraw, mapLogistic } from "../statistics/map_logistic.ts";
import { seededBeta } from "../statistics/seeded_beta.ts";
import { seededBinomial } from "../statistics/seeded_binomial.ts";
import { seededNormal } from "../statistics/seeded_normal.ts";
import {
  type AuditStratum,
  binOf,
  BINS_PER_UNIT,
  type LogOddsBin,
} from "./audit_strata.ts";

/** A sample of an audit that somebody judged. */
export interface JudgedSample {
  /** Log-odds that its given label is wrong, before it was judged. */
  readonly logOdds: number;
  /** Whether it is. */
  readonly isWrong: boolean;
}

/** An audit as far as it has come. */
export interface AuditInputs {
  /** All samples it was drawn from, by log-odds. */
  readonly bins: readonly LogOddsBin[];
  /** Its strata. */
  readonly strata: readonly Pick<AuditStratum, "from" | "to" | "nSamples">[];
  /** Those that were judged. */
  readonly judged: readonly JudgedSample[];
  /** Any integer. */
  readonly seed: number;
}

/** How many given labels are wrong. */
export interface AuditResult {
  /** Samples it was drawn from. */
  readonly nSamples: number;
  /** Mean over draws. */
  readonly mean: number;
  /** 5 % quantile: the low end of a 90 % interval. */
  readonly low: number;
  /** 95 % quantile. */
  readonly high: number;
}

const DRAWS = 300;
/** Priors of the curve: mean and deviation of constant and slope. */
const CONSTANT = [0, 1.2] as const;
const SLOPE = [1, 0.5] as const;
/** Judged samples that the curve counts as in each stratum. */
const STRENGTH = 20;

/**
 * The number of wrong labels among all samples that an audit was drawn from, with a 90 % interval.
 *
 * The judged samples bend the curve from log-odds to probability (logistic, constant 0 ± 1.2, slope 1 ± 0.5). 300 curves that fit as well as can
 * be known give each stratum a mean probability μ; with x wrong of n judged there, its rate is drawn from Beta(x + 20 μ, n - x + 20 (1 - μ)), and
 * the wrong labels among those nobody judged are binomial. While none was found wrong the interval begins at 0. Seeded. 300 times O(bins).
 *
 * Source: ours; Platt (1999) with priors, Laplace's approximation, a beta-binomial model a stratum.
 *
 * @param inputs The audit.
 * @returns The number; without judged samples what the log-odds say, with a wide interval.
 *
 * @example
 * ```ts
 * import { drawAudit } from "./draw_audit.ts";
 * import { evaluateAudit } from "./evaluate_audit.ts";
 * import assert from "node:assert/strict";
 *
 * const logOdds = Array.from({ length: 1000 }, (_, i) => i < 100 ? 2 : -4);
 * const { rows, strata, bins } = drawAudit(logOdds, 100, 0);
 * const judged = Array.from(rows, (row) => ({ logOdds: logOdds[row]!, isWrong: row < 80 }));
 * const { low, high } = evaluateAudit({ bins, strata, judged, seed: 0 });
 * assert.ok(low < 80 && 80 < high);
 * ```
 */
export function evaluateAudit(
  { bins, strata, judged, seed }: AuditInputs,
): AuditResult {
  const fit = mapLogistic({
    features: judged.flatMap(({ logOdds }) => [1, logOdds]),
    outcomes: judged.map(({ isWrong }) => isWrong ? 1 : 0),
    priorMeans: [CONSTANT[0], SLOPE[0]],
    priorDeviations: [CONSTANT[1], SLOPE[1]],
  });
  const counted = strata.map(({ from, to, nSamples }) => {
    const own = judged.filter(({ logOdds }) => {
      const bin = binOf(logOdds);
      return from <= bin && bin <= to;
    });
    return {
      bins: bins.filter(({ bin }) => from <= bin && bin <= to),
      nSamples,
      nJudged: own.length,
      nWrong: own.filter(({ isWrong }) => isWrong).length,
    };
  });
  const normal = seededNormal(seed);
  const beta = seededBeta(seed ^ 0x2545f491);
  const binomial = seededBinomial(seed ^ 0x51ed270b);
  const totals = Float64Array.from({ length: DRAWS }, () => {
    const [constant, slope] = laplaceDraw(fit, normal) as unknown as [
      number,
      number,
    ];
    let total = 0;
    for (const stratum of counted) {
      const { nSamples, nJudged, nWrong } = stratum;
      let sum = 0;
      for (const { bin, n } of stratum.bins) {
        const z = constant + slope * bin / BINS_PER_UNIT;
        sum += n / (1 + Math.exp(-z));
      }
      const mean = sum / nSamples;
      const rate = beta(
        nWrong + STRENGTH * mean,
        nJudged - nWrong + STRENGTH * (1 - mean),
      );
      total += nWrong + binomial(nSamples - nJudged, rate);
    }
    return total;
  }).sort();
  return {
    nSamples: strata.reduce((sum, s) => sum + s.nSamples, 0),
    mean: totals.reduce((sum, x) => sum + x, 0) / DRAWS,
    low: judged.some(({ isWrong }) => isWrong) ? quantile(totals, 0.05) : 0,
    high: quantile(totals, 0.95),
  };
}

/** With linear interpolation between sorted values. */
function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const low = Math.floor(position);
  const [below, above] = [sorted[low]!, sorted[low + 1]!];
  return below + (position - low) * (above - below);
}
