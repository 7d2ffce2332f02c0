import { join } from "node:path";
import type { ScoreResult } from "../../gpu-worker/detectors/score_types.ts";
import { drawAudit } from "../../shared/audit/draw_audit.ts";
import { evaluateAudit } from "../../shared/audit/evaluate_audit.ts";
import type { Row } from "../subject.ts";
import { assayRun } from "./assay_scores.ts";
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
import {
  afterReviews,
  auditLogOdds,
  quickReviews,
  type ReviewedRun,
  saidOf,
} from "./reviewed_run.ts";
import type { TrainedRun } from "./trained_run.ts";

const SUBJECT = "calibration";
const VERDICTS = [30, 100, 300];
const AUDITS = 20;
/** Of verdicts for each run and number of them, with the evidence as it was. */
export const DRAWS = 20;
const IS_TOLD = "is_told";
/** What is told of each setting; all else as means over groups of runs. */
const TOLD_BY_CASE = [
  IS_TOLD,
  "ece",
  "ece_untold",
  "rate_ratio",
  "interval_holds_rate",
];

/** How right probabilities and numbers are, without verdicts and with some; how often their intervals and those of audits hold. */
export async function measureCalibration(
  runs: readonly MadeRun[],
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  const groups: Record<string, Set<string>> = {};
  const count = (group: string, name: string) =>
    (groups[`mean of ${group}`] ??= new Set()).add(name);
  for (const made of runs) {
    const name = `${made.setting.name} seed ${made.seed}`;
    say(`${SUBJECT}: ${name}`);
    const put = putOf(rows, name);
    const all = await assayRun(made);
    const { run, result } = all;
    const said = saidOf(result, Int32Array.from(run.labels.keys()));
    const before = numbersOf(run, said);
    const after = (reviewed: ReviewedRun) => ({
      ...numbersOf(run, reviewed),
      ...beforeOf(run, { ...said, open: reviewed.open }),
    });
    count("all", name);
    count(`${before[IS_TOLD] ? "" : "not "}told without verdicts`, name);
    count(made.setting.isTuning ? "tuning" : "held out", name);
    putAll(put, "assay", [before]);
    putAudits(put, run, result);
    const quick = await quickReviews(all);
    for (const n of VERDICTS) {
      const whole = await afterReviews(all, n, 1 + made.seed);
      putAll(put, `assay, ${n} verdicts`, [after(whole)]);
      const draws = Array.from(
        { length: DRAWS },
        (_, draw) => after(quick(n, 100 + draw)),
      );
      putAll(put, `${n} verdicts, ${DRAWS} draws`, draws);
    }
  }
  rows.push(...await cleanlabRows(runs));
  return [
    ...Object.entries(groups).flatMap(([group, names]) =>
      comparable(rows.filter((r) => names.has(r.case)), names.size, group)
    ),
    ...foldSeeds(rows.filter((r) => TOLD_BY_CASE.includes(r.metric))),
  ];
}

/** Means of what was measured on all runs of a group: those of some of them cannot be compared. */
function comparable(
  rows: readonly Row[],
  nRuns: number,
  group: string,
): Row[] {
  return meansOf(rows, group).filter((row) => row.n === nRuns);
}

type Put = (system: string, metric: string, value: number) => void;

function putOf(rows: Row[], name: string): Put {
  return (system, metric, value) =>
    rows.push({ subject: SUBJECT, case: name, system, metric, value });
}

/** Means over draws, of what each of them gives. */
function putAll(
  put: Put,
  system: string,
  draws: readonly Readonly<Record<string, number>>[],
): void {
  for (const metric of new Set(draws.flatMap(Object.keys))) {
    const values = draws.flatMap((d) =>
      d[metric] === undefined ? [] : [d[metric]]
    );
    put(system, metric, values.reduce((a, b) => a + b, 0) / values.length);
  }
}

/** How right the same labels' probabilities were before the verdicts: those nobody judged are fewer, and less often wrong. */
function beforeOf(
  run: TrainedRun,
  said: ReviewedRun,
): Record<string, number> {
  const numbers = numbersOf(run, said);
  return Object.fromEntries(
    ["ece", "brier_skill", "auprc"].flatMap((metric) =>
      numbers[metric] === undefined
        ? []
        : [[`${metric}_of_them_before`, numbers[metric]]]
    ),
  );
}

function numbersOf(
  { isWrong }: TrainedRun,
  { open, probability, score, isFlagged, rate, errors }: ReviewedRun,
): Record<string, number> {
  const wrong = Uint8Array.from(open, (row) => isWrong[row]!);
  const of = (values: ArrayLike<number>) =>
    Float64Array.from(open, (row) => values[row]!);
  const told = of(probability);
  const isTold = told.some((p) => !Number.isNaN(p));
  const kind = isTold ? "" : "_untold";
  const used = isTold ? told : of(score);
  const numbers: Record<string, number> = {
    [IS_TOLD]: isTold ? 1 : 0,
    [`ece${kind}`]: calibrationError(used, wrong),
    [`brier_skill${kind}`]: brierSkill(used, wrong),
    auprc: averagePrecision(of(score), wrong),
  };
  if (isFlagged) numbers.f1 = f1Of(of(isFlagged), wrong);
  if (!errors) return numbers;
  const order = open.toSorted((a, b) => score[b]! - score[a]!);
  for (const { n, mean, low, high } of errors.top) {
    const found = order.subarray(0, n).reduce((s, row) => s + isWrong[row]!, 0);
    numbers[`error_of_number_in_top_${n}`] = Math.abs(mean - found) / n;
    numbers[`interval_holds_top_${n}`] = low <= found && found <= high ? 1 : 0;
    numbers[`width_top_${n}`] = (high - low) / n;
  }
  if (rate === null) return numbers;
  const total = isWrong.reduce((a, b) => a + b, 0);
  const share = total / isWrong.length;
  numbers.rate_ratio = Math.max(rate / share, share / rate);
  numbers.error_of_rate = Math.abs(rate - share);
  if (errors.all) {
    const { n, low, high } = errors.all;
    numbers.interval_holds_rate = low / n <= share && share <= high / n ? 1 : 0;
    numbers.width_rate = (high - low) / n;
  }
  return numbers;
}

/** Share of audits whose 90 % interval holds the number of wrong labels, and its width as a share of the samples. */
function putAudits(put: Put, { isWrong }: TrainedRun, result: ScoreResult) {
  const total = isWrong.reduce((a, b) => a + b, 0);
  const logOdds = auditLogOdds(result);
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
