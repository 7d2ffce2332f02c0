import { join } from "node:path";
import { seededRandom } from "../../shared/statistics/seeded_random.ts";
import type { PeerPython } from "../peers.ts";
import type { Row, SubjectNotes } from "../subject.ts";
import { assayRun, flagsOf } from "./assay_scores.ts";
import type { MadeRun } from "./make_runs.ts";
import { averagePrecision, f1Of, pairedInterval } from "./metrics.ts";
import { foldSeeds } from "./fold_seeds.ts";
import { askPeers, CLEANLAB_SCORES, peerScore } from "./peer_scores.ts";

const SUBJECT = "label_errors_single_run";
/** Names of what is compared with the best of cleanlab's scores, in cross-validation alone and with the encoders too. */
const PEERS = { cleanlab: "peers_cv", "cleanlab_encoder": "peers_cv_encoder" };

/** Has cleanlab judge the cross-validations of runs. */
export async function askCrossValidation(
  runs: readonly MadeRun[],
  python: PeerPython,
): Promise<void> {
  const file = ({ folder }: MadeRun, name: string) =>
    join(folder, `${name}.npy`);
  await askPeers(
    python,
    runs.flatMap((run) => [
      {
        labels: file(run, "labels"),
        probs: [file(run, "cv_probs")],
        logits: file(run, "logits"),
        out: join(run.folder, PEERS.cleanlab),
      },
      {
        labels: file(run, "labels"),
        probs: [file(run, "cv_probs"), file(run, "cv_encoder_probs")],
        logits: null,
        out: join(run.folder, PEERS.cleanlab_encoder),
      },
    ]),
  );
}

/** One training against six: Assay from one run beside cleanlab from five folds, with and without our encoders, and beside two margins of training. */
export async function singleRun(
  runs: readonly MadeRun[],
  python: PeerPython,
  say: (text: string) => void,
  notes: SubjectNotes,
): Promise<Row[]> {
  await askCrossValidation(runs, python);
  const rows: Row[] = [];
  for (const made of runs) {
    say(`${SUBJECT}: ${made.setting.name}, seed ${made.seed}`);
    rows.push(...await rowsOf(made));
  }
  return [...foldSeeds(rows), ...differences(rows, notes)];
}

async function rowsOf(made: MadeRun): Promise<Row[]> {
  const { run, result } = await assayRun(made);
  const { isWrong } = run;
  const rows: Row[] = [];
  const put = (system: string, metric: string, value: number) =>
    rows.push({
      subject: SUBJECT,
      case: `${made.setting.name} seed ${made.seed}`,
      system,
      metric,
      value,
    });
  const flags = flagsOf(result);
  const share = (marks: ArrayLike<number>) =>
    Array.from(marks).reduce((a, b) => a + b, 0) / isWrong.length;
  const isClean = !isWrong.includes(1);
  if (isClean) {
    put("assay", "flagged_share", share(flags));
    const rate = result.summary.estimated_noise_rate;
    if (rate !== null) put("assay", "rate", rate);
  } else {
    put(
      "assay",
      "auprc",
      averagePrecision(result.issueScores.mislabeled!, isWrong),
    );
    put("assay", "f1", f1Of(flags, isWrong));
  }
  for (const [system, name] of Object.entries(PEERS)) {
    const folder = join(made.folder, name);
    const flags = await peerScore(folder, "flags");
    if (isClean) {
      put(system, "flagged_share", share(flags));
      continue;
    }
    put(system, "f1", f1Of(flags, isWrong));
    for (const score of CLEANLAB_SCORES) {
      const values = await peerScore(folder, score);
      put(`${system}_${score}`, "auprc", averagePrecision(values, isWrong));
    }
  }
  if (isClean) return rows;
  for (
    const [system, score] of [
      ["probability_margin_area", "probability_margin"],
      ["area_under_margin", "logit_margin"],
    ] as const
  ) {
    const values = await peerScore(join(made.folder, PEERS.cleanlab), score);
    put(system, "auprc", averagePrecision(values, isWrong));
  }
  return rows;
}

/** Assay less the best of the other's scores on each case, with an interval over cases. */
function differences(rows: readonly Row[], notes: SubjectNotes): Row[] {
  const cases = [...new Set(rows.map((r) => r.case))];
  const best = (name: string, system: string, metric: string) =>
    Math.max(
      ...rows.filter((r) =>
        r.case === name && r.metric === metric &&
        (r.system === system || (metric === "auprc" &&
          CLEANLAB_SCORES.some((s) => r.system === `${system}_${s}`)))
      ).map((r) => r.value),
    );
  const out: Row[] = [];
  for (
    const [system, metric] of [
      ["cleanlab", "auprc"],
      ["cleanlab_encoder", "auprc"],
      ["probability_margin_area", "auprc"],
      ["area_under_margin", "auprc"],
      ["cleanlab", "f1"],
      ["cleanlab_encoder", "f1"],
    ] as const
  ) {
    const pairs = cases.map((name) =>
      best(name, "assay", metric) - best(name, system, metric)
    ).filter(Number.isFinite);
    if (pairs.length === 0) continue;
    const { mean, low, high } = pairedInterval(pairs, seededRandom(0));
    out.push({
      subject: SUBJECT,
      case: "mean of all noisy",
      system: `assay less ${system}`,
      metric,
      value: mean,
      least: low,
      most: high,
      n: pairs.length,
    });
    notes.tell(
      `${SUBJECT}, ${metric}, assay less ${system}${
        metric === "auprc" && system.startsWith("cleanlab")
          ? " (the best of its three scores on each case)"
          : ""
      }: ${mean.toFixed(3)}, 90 % interval over cases ${low.toFixed(3)} to ${
        high.toFixed(3)
      }, ahead on ${pairs.filter((d) => d > 0).length} of ${pairs.length}`,
    );
  }
  return out;
}
