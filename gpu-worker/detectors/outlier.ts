import { isolationForest } from "../kernels/isolation_forest.ts";
import { mahalanobisDistance } from "../kernels/mahalanobis_distance.ts";
import type { Matrix } from "../kernels/matrix.ts";
import {
  defineDetector,
  type Detector,
  type IssueDetails,
} from "./detector.ts";

/** Settings of {@linkcode outlier}. */
export interface OutlierSettings {
  /** Robust standard deviations above the usual from which a sample is flagged, and its score above .5. */
  readonly minDeviations: number;
  /** The farthest samples, this share of those that are known, are flagged from a little less. */
  readonly farthestShare: number;
  /** So many deviations less: where odd samples are many they widen the very spread they are measured in. */
  readonly farthestAllowance: number;
  /** At most this share of the samples is flagged: what is more is no outlier, but a kind of its own. */
  readonly maxShare: number;
}

/** How fast the score falls below the threshold, a deviation. */
const STEEPNESS = 4;
/** Flagged samples, the farthest, that get a second opinion, and samples that they are compared with. */
const MOST_ASKED = 1000;
const MOST_COMPARED = 1000;
/** A covariance of more columns takes too long for a second opinion. */
const MOST_COVARIANCE_COLUMNS = 1024;

/**
 * Samples far from all others, by position, direction or neighbours: by 3.5
 * robust standard deviations, or by 3 for the farthest hundredth. With x the
 * deviations above that threshold the score is `exp(4 x) / 2` below it and
 * `1 - 1 / (2 + 2 x)` above: .5 at the threshold, below .001 for usual samples.
 * An isolation forest and the Mahalanobis distance give second opinions on what
 * is flagged, for the thousand that are farthest: the share of samples that they
 * find more usual.
 *
 * The hundredth is there as odd samples that are many, 5 % of out-of-scope texts
 * say, widen the spread that they are measured in: .3 % of all are 3.5 away then.
 * Measured on the sets of `deno task bench outliers` (F1 of the flags, median of
 * three seeds): .31, .39, .91, .78, .21; Datalab's .17, .01, 0, .74, .18. Of
 * samples of which none is odd 1 % were flagged, on each of three sets.
 */
export const outlier: Detector<"outliers" | "predictions", OutlierSettings> =
  defineDetector({
    issueType: "outlier",
    requires: ["outliers", "predictions"],
    defaults: {
      minDeviations: 3.5,
      farthestShare: 0.01,
      farthestAllowance: 0.5,
      maxShare: 0.05,
    },
    detect({ outliers, predictions }, settings) {
      const n = predictions.first.length;
      const score = new Float64Array(n).fill(NaN);
      const isIssue = new Uint8Array(n);
      const details = new Map<number, IssueDetails>();
      if (!outliers) return { score, isIssue, details };
      const { deviations, timesUsual, look, points, isTable } = outliers;
      const least = leastDeviations(deviations, settings);
      deviations.forEach((z, row) => score[row] = scoreOf(z - least));
      const rows = [...deviations.keys()]
        .filter((row) => deviations[row]! >= least) // NaN fails
        .sort((a, b) => deviations[b]! - deviations[a]! || a - b)
        .slice(0, Math.floor(settings.maxShare * n));
      const others = secondOpinions(points, rows.slice(0, MOST_ASKED));
      rows.forEach((row, i) => {
        isIssue[row] = 1;
        details.set(row, {
          predicted_label: predictions.first[row]!,
          look: look[row] ?? null,
          ...(timesUsual[row]! >= 0 && { times_usual: timesUsual[row]! }),
          deviations: deviations[row]!,
          ...(isTable && oddestColumn(points, row)),
          ...others(i),
        });
      });
      return { score, isIssue, details };
    },
  });

/** From how many deviations a sample is an outlier. */
function leastDeviations(
  deviations: Float64Array,
  { minDeviations, farthestShare, farthestAllowance }: OutlierSettings,
): number {
  const known = deviations.filter((z) => !Number.isNaN(z)).sort().reverse();
  const last = known[Math.floor(farthestShare * known.length) - 1] ?? Infinity;
  return Math.min(
    minDeviations,
    Math.max(minDeviations - farthestAllowance, last),
  );
}

function scoreOf(x: number): number {
  return x < 0 ? Math.exp(STEEPNESS * x) / 2 : 1 - 0.5 / (1 + x);
}

/** The feature that is farthest from its mean, and by how many standard deviations. */
function oddestColumn({ data, cols }: Matrix, row: number): IssueDetails {
  const own = data.subarray(row * cols, (row + 1) * cols);
  const sizes = own.map(Math.abs);
  const column = sizes.indexOf(Math.max(...sizes));
  return column < 0 ? {} : { column, column_deviations: own[column]! };
}

/** Shares of samples that other definitions find more usual than each of `rows`. */
function secondOpinions(
  points: Matrix,
  rows: readonly number[],
): (i: number) => IssueDetails {
  if (rows.length === 0) return () => ({});
  const step = Math.max(1, points.rows / MOST_COMPARED);
  const compared = Array.from(
    { length: Math.min(points.rows, MOST_COMPARED) },
    (_, i) => Math.floor(i * step),
  );
  const asked = [...compared, ...rows];
  const shares = (values: Float64Array) => {
    const usual = values.slice(0, compared.length)
      .filter((x) => !Number.isNaN(x));
    return values.slice(compared.length).map((x) =>
      usual.filter((u) => u < x).length / usual.length
    );
  };
  const isolated = shares(isolationForest(points, asked));
  const spread = points.cols > MOST_COVARIANCE_COLUMNS
    ? null
    : shares(mahalanobisDistance(points, asked));
  const known = (share: number) => Number.isNaN(share) ? null : share;
  return (i) =>
    i < rows.length
      ? {
        less_isolated_share: known(isolated[i]!),
        ...(spread && { less_mahalanobis_share: known(spread[i]!) }),
      }
      : {};
}
