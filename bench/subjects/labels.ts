import { makeRuns } from "../labels/make_runs.ts";
import { probabilityFiles } from "../labels/probability_files.ts";
import { SEEDS, SETTINGS } from "../labels/settings.ts";
import { singleRun } from "../labels/single_run.ts";
import { peerPython } from "../peers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

/** Label errors: from probabilities alone, and from one run beside cross-validation. */
export async function labels(
  say: (text: string) => void,
  { isFull, notes }: SubjectOptions,
): Promise<Row[]> {
  const python = await peerPython(say);
  for (const name of ["cleanlab", "torch", "scikit-learn"]) {
    notes.version(name, python.versions[name]!);
  }
  const tuning = SETTINGS.filter((s) => s.isTuning).map((s) => s.name);
  notes.tell(
    `One training against six: assay sees the epochs of one run, its last embeddings and what our encoders say of the samples; cleanlab 5-fold cross-validation of the same model; cleanlab_encoder that and 5-fold logistic regression on the same encoders' features, averaged. Constants were fitted on ${
      tuning.join(", ")
    }.`,
  );
  const runs = await makeRuns(
    SETTINGS,
    isFull ? SEEDS : SEEDS.slice(0, 1),
    python,
    say,
    notes,
  );
  return [
    ...await probabilityFiles(runs, python, say, notes),
    ...await singleRun(runs, python, say, notes),
  ];
}
