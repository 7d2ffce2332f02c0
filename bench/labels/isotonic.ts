/**
 * Isotonic regression: the rising step function of a score with the least squared error, by pooling neighbours that fall (Ayer et al. 1955).
 *
 * @param scores Scores, (n,).
 * @param outcomes 0 or 1, (n,).
 * @returns Value of any score: that of the nearest step at or below it.
 */
export function isotonic(
  scores: ArrayLike<number>,
  outcomes: ArrayLike<number>,
): (score: number) => number {
  const order = Array.from({ length: scores.length }, (_, i) => i)
    .sort((a, b) => scores[a]! - scores[b]!);
  const blocks: { from: number; sum: number; n: number }[] = [];
  for (const i of order) {
    const last = blocks.at(-1);
    if (last && last.from === scores[i]) {
      last.sum += outcomes[i]!;
      last.n++;
    } else blocks.push({ from: scores[i]!, sum: outcomes[i]!, n: 1 });
  }
  const steps: typeof blocks = [];
  for (const block of blocks) {
    steps.push(block);
    while (steps.length > 1) {
      const [a, b] = [steps.at(-2)!, steps.at(-1)!];
      if (a.sum / a.n < b.sum / b.n) break;
      steps.splice(-2, 2, { from: a.from, sum: a.sum + b.sum, n: a.n + b.n });
    }
  }
  return (score) => {
    let [low, high] = [0, steps.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (steps[middle]!.from <= score) low = middle;
      else high = middle - 1;
    }
    return steps[low]!.sum / steps[low]!.n;
  };
}
