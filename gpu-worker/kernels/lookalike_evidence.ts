import type { Matrix } from "./matrix.ts";

/** Share of contradicting labels that may be anywhere: next to none, and the least that people's labels showed. */
const [NEXT_TO_NONE, SOME] = [0.0005, 0.05];
/** Contradicting labels looked at, and probabilities of them. */
const [MOST_ROWS, MOST_CELLS] = [2000, 2 ** 18];
/** Exponents tried: .05 to 2, and the best between them; those of nets that are far too sure are about .3. */
const [STEP, STEPS] = [0.05, 40];
/** Likelihoods are multiplied for so many labels before a logarithm is taken. */
const MULTIPLIED = 16;
/** Less is what a network rounds to. */
const LEAST_PROBABILITY = 1e-9;

/**
 * Whether labels that contradict the model are its own second thoughts, in nats.
 *
 * Such a label is one of the classes but the most probable one. Either all are
 * drawn from those in proportion to `P^c`, or a twentieth is anywhere, all
 * classes alike: the logarithm of how much likelier the first makes the labels,
 * each with the c that suits it best, so that probabilities need not be
 * calibrated. Above 0 wrong labels are those of look-alikes; labels that
 * people or accidents make wrong also go where the model sees nothing.
 *
 * Looks at no more than 2,000 contradicting labels, evenly spread: O(2000 * n_classes), less where there are many classes. 0 without any.
 *
 * Source: ours.
 *
 * @param predProbs Out-of-sample class probabilities, (n_samples, n_classes).
 * @param labels Given labels, -1 where unlabelled, (n_samples,).
 * @param plain Log-odds margins, below 0 where the label contradicts, and best other classes.
 *
 * @example
 * ```ts
 * import { lookalikeEvidence } from "./lookalike_evidence.ts";
 * import { logOddsMargins } from "./log_odds_margins.ts";
 * import assert from "node:assert/strict";
 *
 * const predProbs = { data: Float32Array.of(0.8, 0.19, 0.01), rows: 1, cols: 3 };
 * const of = (label: number) => {
 *   const labels = Int32Array.of(label);
 *   return lookalikeEvidence(predProbs, labels, logOddsMargins(predProbs, labels));
 * };
 * assert.ok(of(1) > 0 && of(2) < 0);
 * ```
 */
export function lookalikeEvidence(
  { data, cols }: Matrix,
  labels: Int32Array,
  { margins, rivals }: { margins: Float64Array; rivals: Int32Array },
): number {
  let n = 0;
  for (let i = 0; i < margins.length; i++) if (margins[i]! < 0) n++;
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / cols)));
  const every = Math.max(1, Math.ceil(n / most));
  const none = new LogLikelihoods(NEXT_TO_NONE / (cols - 1), 1 - NEXT_TO_NONE);
  const some = new LogLikelihoods(SOME / (cols - 1), 1 - SOME);
  const steps = new Float64Array(cols);
  const powers = new Float64Array(cols);
  let met = 0;
  for (let i = 0; i < margins.length; i++) {
    if (!(margins[i]! < 0) || met++ % every > 0) continue;
    const top = rivals[i]!;
    let next = LEAST_PROBABILITY;
    for (let k = 0; k < cols; k++) {
      if (k !== top) next = Math.max(next, data[i * cols + k]!);
    }
    for (let k = 0; k < cols; k++) {
      const p = Math.max(LEAST_PROBABILITY, data[i * cols + k]!);
      steps[k] = k === top ? 0 : (p / next) ** STEP;
    }
    powers.fill(1);
    const y = labels[i]!;
    for (let c = 0; c < STEPS; c++) {
      let sum = 0;
      for (let k = 0; k < cols; k++) {
        const power = powers[k]! * steps[k]!;
        powers[k] = power;
        sum += power;
      }
      const ordered = powers[y]! / sum;
      none.multiply(c, ordered);
      some.multiply(c, ordered);
    }
    none.next();
    some.next();
  }
  return none.best() - some.best();
}

/** Of each exponent, of labels of which a share is anywhere. */
class LogLikelihoods {
  readonly #logs = new Float64Array(STEPS);
  readonly #products = new Float64Array(STEPS).fill(1);
  #n = 0;

  constructor(readonly anywhere: number, readonly share: number) {}

  multiply(step: number, ordered: number): void {
    this.#products[step]! *= this.anywhere + this.share * ordered;
  }

  next(): void {
    if (++this.#n % MULTIPLIED === 0) this.#flush();
  }

  /** The largest, by the parabola through the best of those tried and its neighbours. */
  best(): number {
    this.#flush();
    const logs = this.#logs;
    const at = logs.indexOf(Math.max(...logs));
    const [before, most, after] = [logs[at - 1], logs[at]!, logs[at + 1]];
    if (before === undefined || after === undefined) return most;
    const bend = before - 2 * most + after;
    return bend < 0 ? most - (after - before) ** 2 / (8 * bend) : most;
  }

  #flush(): void {
    for (let c = 0; c < STEPS; c++) {
      this.#logs[c]! += Math.log(this.#products[c]!);
      this.#products[c] = 1;
    }
  }
}
