import { join } from "node:path";
import type { ScoreResult } from "../../gpu-worker/detectors/score_types.ts";
import { drawAudit } from "../../shared/audit/draw_audit.ts";
import { evaluateAudit } from "../../shared/audit/evaluate_audit.ts";
import type { Row } from "../subject.ts";
import { assayRun, flagsOf } from "./assay_scores.ts";
import { foldSeeds, meansOf } from "./fold_seeds.ts";
import { isotonic } from "./isotonic.ts";
import type { MadeRun } from "./make_runs.ts";
import {
  averagePrecision,
  brierSkill,
  calibrationError,
  f1Of,
} from "./metrics.ts";
import { peerScore } from "./peer_scores.ts";
import { afterReviews, scoreLogOdds } from "./reviewed_run.ts";
import type { TrainedRun } from "./trained_run.ts";

const SUBJECT = "calibration";
const VERDICTS = [30, 100, 300];
const AUDITS = 20;
/** What is told of each setting; all else as a mean over all. */
const TOLD_BY_CASE = ["is_told", "ece", "ece_untold", "rate_ratio"];

/** How right probabilities and numbers are, without verdicts and with some; how often audits' intervals hold. */
export async function measureCalibration(
  runs: readonly MadeRun[],
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const made of runs) {
    const name = `${made.setting.name} seed ${made.seed}`;
    say(`${SUBJECT}: ${name}`);
    const put = putOf(rows, name);
    const all = await assayRun(made);
    const { run, result } = all;
    const everyone = Int32Array.from(run.labels.keys());
    putNumbers(put, "assay", run, result, everyone);
    putAudits(put, run, result);
    if (made.seed > 0) continue;
    for (const n of VERDICTS) {
      const { result, open } = await afterReviews(all, n, 1);
      putNumbers(put, `assay, ${n} verdicts`, run, result, open);
    }
  }
  rows.push(...await cleanlabRows(runs));
  return [
    ...meansOf(rows, "mean of all"),
    ...foldSeeds(rows.filter((r) => TOLD_BY_CASE.includes(r.metric))),
  ];
}

type Put = (system: string, metric: string, value: number) => void;

function putOf(rows: Row[], name: string): Put {
  return (system, metric, value) =>
    rows.push({ subject: SUBJECT, case: name, system, metric, value });
}

function putNumbers(
  put: Put,
  system: string,
  { isWrong }: TrainedRun,
  result: ScoreResult,
  open: Int32Array,
): void {
  const { columns, issueScores, summary } = result;
  const wrong = Uint8Array.from(open, (row) => isWrong[row]!);
  const of = (values: ArrayLike<number>) =>
    Float64Array.from(open, (row) => values[row]!);
  const share = isWrong.reduce((a, b) => a + b, 0) / isWrong.length;
  const told = of(columns.mislabeledProbability);
  const isTold = told.some((p) => !Number.isNaN(p));
  put(system, "is_told", isTold ? 1 : 0);
  const probability = isTold ? told : of(issueScores.mislabeled!);
  const kind = isTold ? "" : "_untold";
  put(system, `ece${kind}`, calibrationError(probability, wrong));
  put(system, `brier_skill${kind}`, brierSkill(probability, wrong));
  put(system, "auprc", averagePrecision(of(issueScores.mislabeled!), wrong));
  put(system, "f1", f1Of(of(flagsOf(result)), wrong));
  const errors = summary.expected_errors;
  if (!errors) return;
  const order = open.toSorted((a, b) =>
    issueScores.mislabeled![b]! - issueScores.mislabeled![a]!
  );
  for (const { n, mean, low, high } of errors.top) {
    const found = order.subarray(0, n).reduce((s, row) => s + isWrong[row]!, 0);
    put(system, `error_of_number_in_top_${n}`, Math.abs(mean - found) / n);
    put(
      system,
      `interval_holds_top_${n}`,
      low <= found && found <= high ? 1 : 0,
    );
  }
  const rate = summary.estimated_noise_rate;
  if (rate === null) return;
  put(system, "rate_ratio", Math.max(rate / share, share / rate));
  put(system, "error_of_rate", Math.abs(rate - share));
  const interval = summary.noise_rate_interval;
  if (interval) {
    put(
      system,
      "interval_holds_rate",
      interval.low <= share && share <= interval.high ? 1 : 0,
    );
  }
}

/** Share of audits whose 90 % interval holds the number of wrong labels, and its width as a share of the samples. */
function putAudits(put: Put, { isWrong }: TrainedRun, result: ScoreResult) {
  const total = isWrong.reduce((a, b) => a + b, 0);
  const logOdds = scoreLogOdds(result);
  for (const n of VERDICTS) {
    let [held, width] = [0, 0];
    for (let seed = 0; seed < AUDITS; seed++) {
      const { rows, strata, bins } = drawAudit(logOdds, n, seed);
      const judged = Array.from(rows, (row) => ({
        logOdds: logOdds[row]!,
        isWrong: isWrong[row] === 1,
      }));
      const { low, high } = evaluateAudit({ bins, strata, judged, seed });
      if (low <= total && total <= high) held++;
      width += (high - low) / isWrong.length;
    }
    put(`audit of ${n}`, "coverage", held / AUDITS);
    put(`audit of ${n}`, "width", width / AUDITS);
  }
}

/** 1 - P[y] as people read it, and after isotonic fitting on the other data sets. */
async function cleanlabRows(runs: readonly MadeRun[]): Promise<Row[]> {
  const rows: Row[] = [];
  const scored = await Promise.all(runs.map(async (made) => ({
    made,
    isWrong: (await assayRun(made)).run.isWrong,
    doubt: Float64Array.from(
      await peerScore(join(made.folder, "peers_cv"), "self_confidence"),
    ),
  })));
  for (const { made, isWrong, doubt } of scored) {
    const put = putOf(rows, `${made.setting.name} seed ${made.seed}`);
    const others = scored.filter((s) =>
      s.made.setting.data !== made.setting.data
    );
    const fit = isotonic(
      others.flatMap((s) => [...s.doubt]),
      others.flatMap((s) => [...s.isWrong]),
    );
    for (
      const [system, p] of [
        ["cleanlab_doubt", doubt],
        ["cleanlab_doubt_isotonic", doubt.map(fit)],
      ] as const
    ) {
      put(system, "ece", calibrationError(p, isWrong));
      put(system, "brier_skill", brierSkill(p, isWrong));
    }
  }
  return rows;
}
