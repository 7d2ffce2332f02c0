import type { RunReport } from "@shared/types/report.ts";

/** The report of a run whose every class is taken for the next one now and then. */
export function madeReport(names: readonly string[]): RunReport {
  const next = (k: number) => names[(k + 1) % names.length]!;
  return {
    splits: [{
      split: "training",
      imbalance_ratio: 1.8,
      confusion_matrix: names.flatMap((name, k) => [
        { given_label: name, predicted_label: name, n: 90 + k },
        { given_label: name, predicted_label: next(k), n: 7 + k },
      ]),
      classes: names.map((label, k) => ({
        label,
        n_given: 97 + 2 * k,
        effective_number: 92.5,
      })),
      calibration: {
        is_out_of_sample: false,
        n: 1200,
        expected_calibration_error: 0.074,
        temperature: 1.62,
        bins: [0.55, 0.7, 0.85, 0.97].map((confidence) => ({
          n: 300,
          confidence,
          accuracy: confidence - 0.08,
          accuracy_low: confidence - 0.13,
          accuracy_high: confidence - 0.04,
        })),
      },
      label_noise: {
        judge: "probe",
        n: 1200,
        share: 0.061,
        pairs: [{
          given_label: names[0]!,
          true_label: next(0),
          n: 31.4,
          share_of_given: 0.083,
        }],
      },
    }],
    representation: {
      source: "embedding",
      width: 64,
      effective_rank: 17.3,
      silhouette: 0.21,
      neighbour_purity: 0.87,
      probe_accuracy: 0.912,
      classes: names.map((label, k) => ({
        label,
        neighbour_purity: 0.9,
        silhouette: 0.2,
        probe_accuracy: 0.93,
        separability: 0.6 + k,
        nearest_label: next(k),
      })),
    },
  };
}
