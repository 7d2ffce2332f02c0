import { sigmoid } from "../kernels/sigmoid.ts";

/** Samples of each class that a noise matrix wants. */
const LEAST_PER_CLASS = 20;
/** Share of samples of smaller classes that a rate stands; odds were off by up to 1.5 times below it, by 2 to 9 where all classes are small. */
const MOST_IN_SMALL_CLASSES = 0.25;
/** The confident joint may be this many times the rate, and a little more: near 0 their ratio tells nothing. */
const MOST_JOINT = 1.22;
const JOINT_TOLERANCE = 0.005;
/** Shares of wrong labels are told apart from this. */
const SMOOTHING = 0.003;
/** A rate is never told to be smaller or larger. */
const [LEAST_RATE, MOST_RATE] = [1e-4, 0.95];

/** Log-odds of a share of wrong labels, flat near 0 and 1. */
export function rateLogit(share: number): number {
  return Math.log((share + SMOOTHING) / (1 - share + SMOOTHING));
}

/** The share of wrong labels with these log-odds; outside [0, 1] where they are flat. */
export function shareOf(logOdds: number): number {
  return sigmoid(logOdds) - SMOOTHING;
}

/** The same, as far as it may be told. */
export function rateOf(logOdds: number): number {
  return Math.max(LEAST_RATE, Math.min(MOST_RATE, shareOf(logOdds)));
}

/** Whether the confident joint does not say far more than the rate, and most judged samples are of classes that are large enough. */
export function isRateKnown(
  rate: number,
  joint: number,
  labels: Int32Array,
  logOdds: Float64Array,
  mostJoint = MOST_JOINT,
): boolean {
  return joint <= mostJoint * rate + JOINT_TOLERANCE &&
    inSmallClasses(labels, logOdds) <= MOST_IN_SMALL_CLASSES;
}

/** Share of judged samples whose class has too few of them. */
function inSmallClasses(labels: Int32Array, logOdds: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i]! > largest) largest = labels[i]!;
  }
  const counts = new Int32Array(largest + 1);
  for (let i = 0; i < labels.length; i++) {
    const z = logOdds[i]!;
    if (z === z) counts[labels[i]!]!++; // NaN where unlabelled
  }
  let [all, small] = [0, 0];
  for (const n of counts) {
    all += n;
    if (n < LEAST_PER_CLASS) small += n;
  }
  return small / all;
}

/** Mean of `4 p (1 - p)`: how soft probabilities are; NaN of none. */
export function softness(probability: Float64Array): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < probability.length; i++) {
    const p = probability[i]!;
    if (p !== p) continue;
    sum += 4 * p * (1 - p);
    n++;
  }
  return sum / n; // 0 / 0 is NaN
}

/** Mean of the values that are numbers; NaN of none. */
export function knownMean(values: Float64Array): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x !== x) continue;
    sum += x;
    n++;
  }
  return sum / n; // 0 / 0 is NaN
}
