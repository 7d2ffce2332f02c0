import type { LabelConfusion, RankedSample } from "@shared/types/result.ts";

/**
 * Class names, likeliest first: the suggestion, the prediction, the given label, then what this class is most often
 * confused with, then the rest in logit order. The order of a sample never changes while it is looked at.
 */
export function classesByLikelihood(
  sample: Pick<
    RankedSample,
    "given_label" | "predicted_label" | "suggested_label"
  >,
  labelNames: readonly string[],
  confusions: readonly LabelConfusion[],
): string[] {
  const flagged = new Map<string, number>();
  for (const { given_label, suggested_label, n_flagged } of confusions) {
    if (given_label !== sample.given_label) continue;
    flagged.set(
      suggested_label,
      (flagged.get(suggested_label) ?? 0) + n_flagged,
    );
  }
  const confused = [...flagged].sort((a, b) => b[1] - a[1]).map(([l]) => l);
  const order = [
    sample.suggested_label,
    sample.predicted_label,
    sample.given_label,
    ...confused,
    ...labelNames,
  ];
  const known = new Set(labelNames);
  return [...new Set(order)].filter((l): l is string =>
    l !== null && known.has(l)
  );
}
