import { type ProbRows, probRows, type Probs } from "../kernels/prob_rows.ts";
import { rowMargin } from "../kernels/row_margin.ts";
import type { Review } from "./score_types.ts";

/** Labels as given, and as they stand once people have judged some. */
export interface ReviewedLabels {
  /** As given, -1 where unlabelled, (n,). */
  readonly given: Int32Array;
  /** As they stand: the new one where relabelled, -1 where dropped or of no class, (n,). */
  readonly standing: Int32Array;
  /** 1 where a person said which label is right, (n,). */
  readonly isSettled: Uint8Array;
  /** Rows about which people said something, ascending. */
  readonly rows: Int32Array;
  /** Rows whose given label was found right or wrong, ascending. */
  readonly judged: Int32Array;
  /** 1 where it was found wrong, (judged.length,). */
  readonly isWrong: Uint8Array;
}

/** What people said as labels; a review of a row that is not there, or a second one of a row, throws a RangeError. */
export function reviewedLabels(
  given: Int32Array,
  reviews: readonly Review[] = [],
): ReviewedLabels {
  const standing = reviews.length > 0 ? given.slice() : given;
  const isSettled = new Uint8Array(given.length);
  const judged: Review[] = [];
  const sorted = reviews.toSorted((a, b) => a.row - b.row);
  sorted.forEach((review, i) => {
    const { row, verdict, label } = review;
    if (!(row >= 0 && row < given.length) || sorted[i - 1]?.row === row) {
      throw new RangeError(
        `Cannot use reviews as each must be of another row in 0..${
          given.length - 1
        }: current value is ${row}`,
      );
    }
    if (verdict === "drop") standing[row] = -1;
    if (verdict === "relabel") standing[row] = label;
    if (standing[row]! >= 0) isSettled[row] = 1;
    if (verdict !== "drop" && given[row]! >= 0) judged.push(review);
  });
  return {
    given,
    standing,
    isSettled,
    rows: Int32Array.from(sorted, (r) => r.row),
    judged: Int32Array.from(judged, (r) => r.row),
    isWrong: Uint8Array.from(
      judged,
      ({ row, verdict, label }) =>
        verdict === "relabel" && label !== given[row] ? 1 : 0,
    ),
  };
}

/** Probabilities as neighbours count them: what people said of a row is sure; a row that is to go, or of no class, says nothing. */
export function knownProbs(
  probs: Probs,
  { rows, standing }: ReviewedLabels,
): ProbRows {
  const source = probRows(probs);
  if (rows.length === 0) return source;
  const isReviewed = new Uint8Array(source.rows);
  for (const row of rows) isReviewed[row] = 1;
  return {
    rows: source.rows,
    cols: source.cols,
    read(row, out) {
      if (!isReviewed[row]) return source.read(row, out);
      const label = standing[row]!;
      out.fill(label < 0 ? NaN : 0, 0, source.cols);
      if (label >= 0) out[label] = 1;
    },
    get(row, label) {
      if (!isReviewed[row]) return source.get(row, label);
      return standing[row]! < 0 ? NaN : standing[row] === label ? 1 : 0;
    },
    addTo(row, weight, out) {
      if (!isReviewed[row]) return source.addTo(row, weight, out);
      if (standing[row]! < 0) return NaN;
      out[standing[row]!]! += weight;
      return 0;
    },
  };
}

/** Mean margins against the labels as they stand; of those that changed, by mean probabilities. */
export function standingMargins(
  margins: Float64Array,
  probs: Probs,
  given: Int32Array,
  standing: Int32Array,
): Float64Array {
  const source = probRows(probs);
  const own = new Float32Array(source.cols);
  return margins.map((margin, row) => {
    const label = standing[row]!;
    if (label === given[row]) return margin;
    if (label < 0) return NaN;
    source.read(row, own);
    return rowMargin(own, 0, source.cols, label);
  });
}
