import { askCrossValidation } from "../labels/single_run.ts";
import { makeRuns } from "../labels/make_runs.ts";
import { measureCalibration } from "../labels/measure_calibration.ts";
import { SEEDS, SETTINGS } from "../labels/settings.ts";
import { peerPython } from "../peers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

/** Whether probabilities and numbers are right: of labels, of the first hundreds, of all; without verdicts, with some, and by audits. */
export async function calibration(
  say: (text: string) => void,
  { isFull, notes }: SubjectOptions,
): Promise<Row[]> {
  const python = await peerPython(say);
  notes.tell(
    "Verdicts are the truth, drawn as the product draws an audit; with verdicts, labels nobody judged are measured. ece, brier_skill: runs whose probability is told; _untold: the score of those where the product says that there is not enough evidence for a number. cleanlab_doubt: 1 - P[y] of 5-fold cross-validation, as people read it; isotonic: after fitting on all other data sets.",
  );
  const runs = await makeRuns(
    SETTINGS.filter((s) => s.noise !== "clean"),
    isFull ? SEEDS : SEEDS.slice(0, 1),
    python,
    say,
    notes,
  );
  await askCrossValidation(runs, python);
  return await measureCalibration(runs, say);
}
