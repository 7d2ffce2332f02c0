import { makeRuns } from "../labels/make_runs.ts";
import { measureWorth } from "../labels/measure_worth.ts";
import { SEEDS, SETTINGS } from "../labels/settings.ts";
import { askCrossValidation } from "../labels/single_run.ts";
import { peerPython } from "../peers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

const SETS = ["banking77_instance", "cifar10n_worst", "fashion_instance"];

/** What an hour of a person's looks at labels is worth: errors found, and accuracy on true labels of the model trained anew. */
export async function worth(
  say: (text: string) => void,
  { isFull, notes }: SubjectOptions,
): Promise<Row[]> {
  const python = await peerPython(say);
  notes.tell(
    "An hour at 5 s a look: 720 labels, of which the wrong ones are corrected; then the model is trained anew from two seeds. cleanlab ranks by self-confidence, its default, in 5-fold cross-validation (cleanlab_encoder: with our encoders too). seconds_to_scores: scoreDataset() alone, from the run's arrays in memory; encoding of texts or images, and the platform around it, are not in it.",
  );
  const runs = await makeRuns(
    SETTINGS.filter((s) => SETS.includes(s.name)),
    isFull ? SEEDS : SEEDS.slice(0, 1),
    python,
    say,
    notes,
  );
  await askCrossValidation(runs, python);
  return await measureWorth(runs, python, say, notes);
}
