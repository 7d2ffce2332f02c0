import type { LogOddsMargins } from "./log_odds_margins.ts";
import type { Matrix } from "./matrix.ts";

/** Samples looked at. */
const MOST_ROWS = 5000;

/**
 * Share of labels that contradict the model among the half of the samples that
 * it is surest of; all that are as sure as the least of these count.
 *
 * It is hardly ever wrong there unless it is weak, so that next to none means next to
 * no wrong labels, and those that contradict are right labels of hard samples.
 * Looks at no more than 5,000 samples, evenly spread. NaN without any.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param plain Log-odds margins, NaN where unknown, below 0 where the label contradicts, and best other classes.
 *
 * @example
 * ```ts
 * import { confidentContradictions } from "./confident_contradictions.ts";
 * import { logOddsMargins } from "./log_odds_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.9, 0.1, 0.6, 0.4), rows: 2, cols: 2 };
 * const of = (labels: Int32Array) =>
 *   confidentContradictions(predProbs, labels, logOddsMargins(predProbs, labels));
 * assert.equal(of(Int32Array.of(0, 1)), 0);
 * assert.equal(of(Int32Array.of(1, 0)), 1);
 * ```
 */
export function confidentContradictions(
  { data, rows, cols }: Matrix,
  labels: Int32Array,
  { margins, rivals }: LogOddsMargins,
): number {
  const every = Math.max(1, Math.ceil(rows / MOST_ROWS));
  const sureness = new Float32Array(Math.ceil(rows / every));
  const isAgainst = new Uint8Array(sureness.length);
  let n = 0;
  for (let i = 0; i < rows; i += every) {
    if (Number.isNaN(margins[i]!)) continue;
    const against = margins[i]! < 0;
    sureness[n] = data[i * cols + (against ? rivals[i]! : labels[i]!)]!;
    isAgainst[n++] = against ? 1 : 0;
  }
  const least = sureness.subarray(0, n).toSorted()[n >> 1]!;
  let [surer, contradicted] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (sureness[i]! < least) continue;
    surer++;
    contradicted += isAgainst[i]!;
  }
  return contradicted / surer; // 0 / 0 is NaN
}
