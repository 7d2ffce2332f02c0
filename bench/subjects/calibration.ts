import { askCrossValidation } from "../labels/single_run.ts";
import { makeRuns } from "../labels/make_runs.ts";
import { DRAWS, measureCalibration } from "../labels/measure_calibration.ts";
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
    "Verdicts are the truth, drawn as the product draws an audit; with verdicts, labels nobody judged are measured. Means are over runs on all of which a thing was measured, so that they compare: told without verdicts are the runs of which the product gives probability and rate before anybody judged, not told those where it says that there is not enough evidence; tuning and held out: whether constants of the engine were fitted on the same data and noise. Labels that nobody judged are fewer, and less often wrong, than all: _of_them_before is what the same labels' probabilities were worth before the verdicts. _untold: by the score, where no probability is told.",
  );
  notes.tell(
    `assay, n verdicts: one draw of verdicts a run, scored again as the product does. n verdicts, ${DRAWS} draws: as many draws a run, whose evidence is that from before the verdicts (what these do to neighbours and to the probe is left out), means over them, so that how often intervals hold is no matter of luck. Spreads are over runs.`,
  );
  notes.tell(
    "interval_holds, coverage: share of 90 % intervals that hold the number of wrong labels; width: as a share of the samples. cleanlab_doubt: 1 - P[y] of 5-fold cross-validation, as people read it; isotonic: after fitting on all other data sets.",
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
