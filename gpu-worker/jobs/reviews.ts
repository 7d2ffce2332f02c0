import type { RunSignals } from "../codecs/signals_file.ts";
import type { Review } from "../detectors/score_types.ts";
import type { StoredReview } from "../store/review_store.ts";

/**
 * What people said, by the rows of a run. A sample that stands in two splits is two rows.
 *
 * `keep` holds for the label it was said about: where that is known and this run gives another one, the sample is to be relabelled with it.
 * `relabel` to the label that the run gives already is `keep`.
 *
 * @param stored At most one a sample; samples that the run has not are left out.
 * @param signals The run.
 * @returns Reviews, by row.
 */
export function reviewsOf(
  stored: readonly StoredReview[],
  { labelNames, splits }: Pick<RunSignals, "labelNames" | "splits">,
): Review[] {
  const byKey = new Map(stored.map((review) => [review.key, review]));
  const classOf = new Map(labelNames.map((name, label) => [name, label]));
  const reviews: Review[] = [];
  let first = 0;
  for (const { keys, dynamics } of splits) {
    for (const [i, key] of keys.entries()) {
      const said = byKey.get(key);
      if (!said) continue;
      const row = first + i;
      const given = dynamics.labels[i]!;
      if (said.verdict === "drop") {
        reviews.push({ row, verdict: "drop", label: -1 });
        continue;
      }
      const label = said.label === null ? given : classOf.get(said.label) ?? -1;
      if (said.label === null && label < 0) continue; // there is no label to keep
      const verdict = label === given && label >= 0 ? "keep" : "relabel";
      reviews.push({ row, verdict, label });
    }
    first += keys.length;
  }
  return reviews;
}
