import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import { readNpy, readNpyLabels, readNpyMatrix, writeNpy } from "../npy.ts";
import { benchData, noBenchData, type PeerPython } from "../peers.ts";
import type { Row, SubjectNotes } from "../subject.ts";
import { flagsOf } from "./assay_scores.ts";
import { cacheFolder } from "./cache.ts";
import { CONTENTS } from "./contents.ts";
import type { MadeRun } from "./make_runs.ts";
import { averagePrecision, f1Of } from "./metrics.ts";
import { outOfSampleInputs } from "./out_of_sample_inputs.ts";
import { askPeers, CLEANLAB_SCORES, peerScore } from "./peer_scores.ts";

const SUBJECT = "label_errors_probabilities";
const MODELS = ["resnet18", "swin_base_patch4_window7_224"];
/** Our own two models on the same people's labels. */
const OWN = { convnet: "cv_probs", "encoder_regression": "cv_encoder_probs" };
const OWN_CASES = ["cifar10n_aggregate", "cifar10n_worst"];
/** Noise that we made, by class, by what a weak model takes a sample for, or by pair: told apart from people's. */
const MADE = "made noise: ";
const MADE_CASES = [
  "banking77_class",
  "banking77_instance",
  "clinc150_class",
  "clinc150_instance",
  "digits_pair",
  "fashion_instance",
];
const MADE_MODELS = {
  mlp: OWN.convnet,
  "encoder_regression": OWN.encoder_regression,
};

interface ProbabilityFile {
  readonly name: string;
  readonly labels: string;
  readonly truth: string;
  readonly probs: string;
}

/** Out-of-sample probabilities alone: Assay beside the best of cleanlab's scores on each file. */
export async function probabilityFiles(
  runs: readonly MadeRun[],
  python: PeerPython,
  say: (text: string) => void,
  notes: SubjectNotes,
): Promise<Row[]> {
  const files = [...await cifarFiles(notes), ...ownFiles(runs)];
  const outOf = ({ name }: ProbabilityFile) =>
    join(cacheFolder(), "probability_files-1", name);
  await askPeers(
    python,
    files.map((file) => ({
      labels: file.labels,
      probs: [file.probs],
      logits: null,
      out: outOf(file),
    })),
  );
  const rows: Row[] = [];
  for (const file of files) {
    say(`${SUBJECT}: ${file.name}`);
    const labels = await readNpyLabels(file.labels);
    const truth = await readNpyLabels(file.truth);
    const isWrong = labels.map((y, i) => y === truth[i] ? 0 : 1);
    const put = (system: string, metric: string, value: number) =>
      rows.push({ subject: SUBJECT, case: file.name, system, metric, value });
    const probs = await readNpyMatrix(file.probs);
    const result = await scoreDataset(outOfSampleInputs(labels, probs));
    put(
      "assay",
      "auprc",
      averagePrecision(result.issueScores.mislabeled!, isWrong),
    );
    put("assay", "f1", f1Of(flagsOf(result), isWrong));
    for (const score of CLEANLAB_SCORES) {
      const values = await peerScore(outOf(file), score);
      put(`cleanlab_${score}`, "auprc", averagePrecision(values, isWrong));
    }
    const flags = await peerScore(outOf(file), "flags");
    put("cleanlab", "f1", f1Of(flags, isWrong));
  }
  tellDifferences("", rows.filter((r) => !r.case.startsWith(MADE)), notes);
  tellDifferences(MADE, rows.filter((r) => r.case.startsWith(MADE)), notes);
  return rows;
}

function tellDifferences(
  what: string,
  rows: readonly Row[],
  notes: SubjectNotes,
): void {
  for (const metric of ["auprc", "f1"]) {
    const own = rows.filter((r) => r.metric === metric && r.system === "assay");
    const less = own.map((row) =>
      row.value - Math.max(
        ...rows.filter((r) =>
          r.case === row.case && r.metric === metric && r.system !== "assay"
        ).map((r) => r.value),
      )
    );
    if (less.length === 0) continue;
    const mean = less.reduce((a, b) => a + b, 0) / less.length;
    notes.tell(
      `${SUBJECT}, ${what}${metric}: assay less the best of cleanlab on each file ${
        mean.toFixed(4)
      } in the mean, ${Math.min(...less).toFixed(4)} at worst`,
    );
  }
}

async function cifarFiles(notes: SubjectNotes): Promise<ProbabilityFile[]> {
  const url = await benchData("cifar10n");
  if (!url) {
    notes.skip("cifar10n probability files", noBenchData("cifar10n"));
    return [];
  }
  const contents = join(cacheFolder(), CONTENTS, "cifar10n");
  return await Promise.all(
    ["aggregate", "worst"].flatMap((noise) =>
      MODELS.map((model) => ({ noise, model }))
    ).map(async ({ noise, model }) => ({
      name: `cifar10n_${noise}_${model}`,
      labels: join(contents, `given_${noise}.npy`),
      truth: join(contents, "truth.npy"),
      probs: await asFloat64(
        fileURLToPath(new URL(`pred_probs_${noise}_${model}.npy`, url)),
        `${noise}_${model}`,
      ),
    })),
  );
}

/** The file as we read it: some are in halves or in another order. */
async function asFloat64(path: string, name: string): Promise<string> {
  const { data, shape } = await readNpy(path);
  const folder = join(cacheFolder(), "probability_files-1");
  await Deno.mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.npy`);
  await writeNpy(file, {
    data: Float64Array.from(data as Float64Array),
    shape,
  });
  return file;
}

function ownFiles(runs: readonly MadeRun[]): ProbabilityFile[] {
  const filesOf = (
    cases: readonly string[],
    models: Readonly<Record<string, string>>,
    prefix: string,
  ) =>
    cases.flatMap((name) => {
      const run = runs.find((r) => r.setting.name === name && r.seed === 0);
      if (!run) return [];
      const file = (of: string) => join(run.folder, `${of}.npy`);
      return Object.entries(models).map(([model, probs]): ProbabilityFile => ({
        name: `${prefix}${name}_${model}`,
        labels: file("labels"),
        truth: file("truth"),
        probs: file(probs),
      }));
    });
  return [
    ...filesOf(OWN_CASES, OWN, ""),
    ...filesOf(MADE_CASES, MADE_MODELS, MADE),
  ];
}
