/**
 * Ranks from 1, equal values share the mean of theirs. NaN ranks lowest.
 *
 * @param values Values, (n,).
 */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const key = Float64Array.from(
    values,
    (x) => Number.isNaN(x) ? -Infinity : x,
  );
  const order = Array.from({ length: n }, (_, i) => i)
    .sort((a, b) => key[a]! - key[b]! || 0);
  const ranks = new Float64Array(n);
  for (let at = 0; at < n;) {
    let end = at + 1;
    while (end < n && key[order[end]!] === key[order[at]!]) end++;
    for (let i = at; i < end; i++) ranks[order[i]!] = (at + 1 + end) / 2;
    at = end;
  }
  return ranks;
}

/** Probability that a positive scores above a negative, ties half; NaN without both. */
export function auroc(
  scores: ArrayLike<number>,
  isPositive: ArrayLike<number>,
): number {
  const ranks = ranksOf(scores);
  let [sum, n] = [0, 0];
  for (let i = 0; i < ranks.length; i++) {
    if (!isPositive[i]) continue;
    sum += ranks[i]!;
    n++;
  }
  return (sum - n * (n + 1) / 2) / (n * (ranks.length - n));
}

/** Spearman's rank correlation. */
export function spearman(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (x.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}
