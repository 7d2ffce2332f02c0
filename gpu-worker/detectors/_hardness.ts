import { probRows, type Probs } from "../kernels/prob_rows.ts";

/**
 * How hard samples are, in [0, 1]: 1 less the mean over epochs of the given label's probability (of one out-of-sample output alone, as
 * `_hardness_confidence.ts` tempers it), and less the mean of that and of the probability that
 * a probe gives it, which had not seen it, as far as the probe counts. NaN where the confidence is; the probe is left out where it says nothing.
 *
 * Measured on crowd votes: what the probe doubts, people disagree on, and a run that has memorised its labels no longer tells.
 *
 * @param confidence Mean probability of the given label over epochs, or the tempered one of a single output, (n,).
 * @param labels Given labels, -1 where unlabelled, (n,).
 * @param probeProbs The probe's probabilities, NaN rows where unknown, (n, n_classes); null without one.
 * @param weight How much the probe counts, in [0, 1].
 */
export function hardness(
  confidence: Float64Array,
  labels: Int32Array,
  probeProbs: Probs | null,
  weight: number,
): Float32Array {
  const probe = probeProbs && probRows(probeProbs);
  return Float32Array.from(confidence, (own, row) => {
    const probed = probe && labels[row]! >= 0
      ? probe.get(row, labels[row]!)
      : NaN;
    const sure = Number.isNaN(probed) ? own : own + weight / 2 * (probed - own);
    return Math.max(0, Math.min(1, 1 - sure));
  });
}
