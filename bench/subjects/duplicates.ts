import { DUPLICATE_MIXTURES } from "../issues/duplicate_mixtures.ts";
import { measureMixtures } from "../issues/measure_mixtures.ts";
import { peerPython } from "../peers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

/** Samples that are there twice: Assay's near duplicates beside Datalab's and FiftyOne's, on the same features. */
export async function duplicates(
  say: (text: string) => void,
  { notes }: SubjectOptions,
): Promise<Row[]> {
  const python = await peerPython(say);
  for (const [name, version] of Object.entries(python.versions)) {
    notes.version(name, version);
  }
  notes.tell(
    "mails_real: the corpus' own duplicates by exact Jaccard similarity of word triples (at least .8), one sample of 1,500 mails. cifar10_saved_again: 60 of 2,000 photos once more in another size, quality and brightness. california_housing_entered_twice: 60 of 2,000 rows once more, each value moved by a hundredth of its column's spread (measured_twice: by a tenth); seeds 0, 1, 2. Originals and copies are to be found.",
  );
  notes.tell(
    "All sides get the same features: Assay's encoders for text and images, standardised columns. Assay also has what its users log, and Datalab and FiftyOne's definition do not take: texts (signatures of word triples) and images (perceptual hashes).",
  );
  notes.tell(
    "datalab: near_duplicate. fiftyone: FiftyOne's definition, of fiftyone-brain 0.27.0: cosine distance to the nearest neighbour, flagged below its default of 0.2.",
  );
  notes.skip(
    "cifair",
    "its judged pairs join test images with training images or with each other; of CIFAR-10 only the first 10,000 training images are at hand, so that no pair has both",
  );
  return await measureMixtures(
    "duplicates",
    "near_duplicate",
    DUPLICATE_MIXTURES,
    { python, say, notes },
  );
}
