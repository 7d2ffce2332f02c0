/** Area under the curve of precision over recall (average precision); equal scores count as one step. NaN scores come last. */
export function averagePrecision(
  scores: ArrayLike<number>,
  isWrong: ArrayLike<number>,
): number {
  const score = (i: number) =>
    Number.isNaN(scores[i]!) ? -Infinity : scores[i]!;
  const order = Array.from({ length: scores.length }, (_, i) => i)
    .sort((a, b) => score(b) - score(a));
  let total = 0;
  for (let i = 0; i < isWrong.length; i++) total += isWrong[i]!;
  let [sum, hits, at] = [0, 0, 0];
  while (at < order.length) {
    let end = at;
    let found = 0;
    while (end < order.length && score(order[end]!) === score(order[at]!)) {
      found += isWrong[order[end++]!]!;
    }
    hits += found;
    sum += found * hits / end;
    at = end;
  }
  return sum / total;
}

/** Harmonic mean of precision and recall of what is flagged; 0 where nothing is found. */
export function f1Of(
  isFlagged: ArrayLike<number>,
  isWrong: ArrayLike<number>,
): number {
  let [both, flagged, wrong] = [0, 0, 0];
  for (let i = 0; i < isWrong.length; i++) {
    both += isFlagged[i]! && isWrong[i]! ? 1 : 0;
    flagged += isFlagged[i]! ? 1 : 0;
    wrong += isWrong[i]! ? 1 : 0;
  }
  return flagged + wrong > 0 ? 2 * both / (flagged + wrong) : 0;
}

/** Expected calibration error: 15 bins of equal mass, by probability. */
export function calibrationError(
  probabilities: ArrayLike<number>,
  isWrong: ArrayLike<number>,
  nBins = 15,
): number {
  const order = Array.from({ length: isWrong.length }, (_, i) => i)
    .sort((a, b) => probabilities[a]! - probabilities[b]!);
  let sum = 0;
  for (let bin = 0; bin < nBins; bin++) {
    const rows = order.slice(
      Math.floor(bin * order.length / nBins),
      Math.floor((bin + 1) * order.length / nBins),
    );
    const gap = rows.reduce((s, i) => s + probabilities[i]! - isWrong[i]!, 0);
    sum += Math.abs(gap);
  }
  return sum / order.length;
}

/** 1 less the squared error over that of always saying the share of wrong labels; 1 is perfect, 0 no better than the share. */
export function brierSkill(
  probabilities: ArrayLike<number>,
  isWrong: ArrayLike<number>,
): number {
  const n = isWrong.length;
  let [square, total] = [0, 0];
  for (let i = 0; i < n; i++) {
    square += (probabilities[i]! - isWrong[i]!) ** 2;
    total += isWrong[i]!;
  }
  const share = total / n;
  return 1 - square / n / (share * (1 - share));
}

/** Mean of differences, and its 90 % interval by drawing them anew 2,000 times. */
export function pairedInterval(
  differences: readonly number[],
  random: () => number,
): { mean: number; low: number; high: number } {
  const n = differences.length;
  const mean = differences.reduce((a, b) => a + b, 0) / n;
  const means = Float64Array.from({ length: 2000 }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[Math.floor(random() * n)]!;
    return sum / n;
  }).sort();
  return { mean, low: means[100]!, high: means[1899]! };
}
