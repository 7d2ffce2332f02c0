import type { ProbRows } from "../kernels/prob_rows.ts";
import { ClassSums, shareRows } from "./class_sums.ts";
import type { ScoreSlots } from "./score_slots.ts";

/** What a row's scores are at one temperature: its slots, and each of the classes without one. */
interface Weights {
  /** `exp(temperature * (score - largest))` of each slot, (slots,). */
  readonly slots: Float64Array;
  /** The mean of the same over classes without a slot. */
  readonly each: number;
  /** Sum over all classes. */
  readonly all: number;
}

function weigh(
  { classes, scores, rest, nSlots, rows, cols }: ScoreSlots,
  row: number,
  temperatures: readonly number[],
  t: number,
  slots: Float64Array,
): Weights {
  const own = row * nSlots;
  const others = rows > 0 ? rest[row * temperatures.length + t]! : 0;
  let all = others;
  for (let j = 0; j < nSlots && classes[own + j]! >= 0; j++) {
    slots[j] = Math.exp(temperatures[t]! * scores[own + j]!);
    all += slots[j]!;
  }
  return { slots, each: cols > nSlots ? others / (cols - nSlots) : 0, all };
}

/** Sums over true classes, of each given one. */
function rowSums(byGiven: Float64Array, cols: number): Float64Array {
  const sums = new Float64Array(cols);
  byGiven.forEach((x, at) => sums[Math.floor(at / cols)]! += x);
  return sums;
}

/** Log-likelihood of given labels, and expected counts (given, true): classes without a slot weigh the same within a row. */
export function slottedExpectation(
  scores: ScoreSlots,
  labels: Int32Array,
  known: Int32Array,
  byGiven: Float64Array,
  temperatures: readonly number[],
  t: number,
): { logLikelihood: number; counts: Float64Array } {
  const { cols, nSlots, classes } = scores;
  const counts = new Float64Array(cols * cols);
  const slots = new Float64Array(nSlots);
  const sums = rowSums(byGiven, cols);
  const toEach = new Float64Array(cols); // of given labels: what every true class gets, times its noise
  let logLikelihood = 0;
  for (const row of known) {
    const own = row * nSlots;
    const given = labels[row]! * cols;
    const { each, all } = weigh(scores, row, temperatures, t, slots);
    let inSlots = 0;
    let sum = 0;
    for (let j = 0; j < nSlots; j++) {
      const noise = byGiven[given + classes[own + j]!]!;
      inSlots += noise;
      sum += slots[j]! * noise;
    }
    sum += each * Math.max(0, sums[labels[row]!]! - inSlots);
    logLikelihood += Math.log(Math.max(sum / all, 1e-300));
    if (sum === 0) continue;
    for (let j = 0; j < nSlots; j++) {
      const at = given + classes[own + j]!;
      counts[at]! += (slots[j]! - each) * byGiven[at]! / sum;
    }
    toEach[labels[row]!]! += each / sum;
  }
  for (let at = 0; at < counts.length; at++) {
    const sum = counts[at]! + toEach[Math.floor(at / cols)]! * byGiven[at]!;
    counts[at] = Math.max(0, sum); // rounding
  }
  return { logLikelihood, counts };
}

/** Log-odds that given labels are wrong, not bounded, and probabilities of the true class. */
export function slottedJudgement(
  scores: ScoreSlots,
  labels: Int32Array,
  byGiven: Float64Array,
  temperatures: readonly number[],
  t: number,
): { logOdds: Float64Array; probs: ProbRows } {
  const { rows, cols, nSlots, classes } = scores;
  const logOdds = new Float64Array(rows).fill(NaN);
  const totals = new Float64Array(rows).fill(NaN);
  const probs = new Float32Array(rows * nSlots);
  const slots = new Float64Array(nSlots);
  const sums = rowSums(byGiven, cols);
  for (let row = 0; row < rows; row++) {
    const own = row * nSlots;
    if (classes[own]! < 0) continue;
    const { each, all } = weigh(scores, row, temperatures, t, slots);
    totals[row] = 1;
    for (let j = 0; j < nSlots; j++) probs[own + j] = slots[j]! / all;
    const y = labels[row]!;
    if (y < 0) continue;
    let inSlots = 0;
    let wrong = 0;
    let right = 0;
    for (let j = 0; j < nSlots; j++) {
      const k = classes[own + j]!;
      const noise = byGiven[y * cols + k]!;
      inSlots += noise;
      if (k === y) right = slots[j]! * noise;
      else wrong += slots[j]! * noise;
    }
    wrong += each * Math.max(0, sums[y]! - inSlots);
    logOdds[row] = Math.log(wrong) - Math.log(right);
  }
  const shares = new ClassSums(cols, { classes, sums: probs, counts: null });
  return { logOdds, probs: shareRows(shares, totals) };
}
