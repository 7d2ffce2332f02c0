import { measureMixtures } from "../issues/measure_mixtures.ts";
import { OUTLIER_MIXTURES } from "../issues/outlier_mixtures.ts";
import { peerPython } from "../peers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

/** Samples that belong to nothing else, among usual ones: Assay's outlier score beside Datalab's and FiftyOne's uniqueness, on the same features. */
export async function outliers(
  say: (text: string) => void,
  { notes }: SubjectOptions,
): Promise<Row[]> {
  const python = await peerPython(say);
  for (const [name, version] of Object.entries(python.versions)) {
    notes.version(name, version);
  }
  notes.tell(
    "4,000 usual samples and 40 to 200 odd ones, drawn by seeds 0, 1, 2; odd ones carry a label of a usual one; flagged_share: of 4,000 usual samples alone. All sides get the same features (Assay's own encoders for text and images; pixels of digits) and the same out-of-sample probabilities of a linear discriminant analysis.",
  );
  notes.tell(
    "datalab: its outlier score (mean cosine distance to 10 neighbours). fiftyone: FiftyOne's definition of uniqueness, of fiftyone-brain 0.27.0; it flags nothing. assay: the outlier score of scoreDataset().",
  );
  return await measureMixtures("outliers", "outlier", OUTLIER_MIXTURES, {
    python,
    say,
    notes,
  });
}
