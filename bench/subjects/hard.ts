import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { softmaxRows } from "../../gpu-worker/kernels/softmax_rows.ts";
import { cacheFolder, isThere } from "../labels/cache.ts";
import { CONTENTS } from "../labels/contents.ts";
import { outOfSampleInputs } from "../labels/out_of_sample_inputs.ts";
import { runFolder, SETTINGS } from "../labels/settings.ts";
import { readProbs, readTrainedRun } from "../labels/trained_run.ts";
import { readNpy, readNpyLabels, readNpyMatrix } from "../npy.ts";
import { benchData, noBenchData } from "../peers.ts";
import { auroc, spearman } from "../rank_metrics.ts";
import { medianRow, type Row, type SubjectOptions } from "../subject.ts";

const SEEDS = [0, 1, 2];
const VOTED = ["cifar10n_random1", "cifar10n_aggregate", "amazon_crowd"];

/** Scores of one case by system, high is hard, and how much people disagree on each sample. */
interface HardCase {
  readonly name: string;
  readonly disagreement: Float64Array;
  readonly scores: Readonly<Record<string, ArrayLike<number>>>;
}

/** How far what is called hard is what people disagree on, by their votes. */
export async function hard(
  say: (text: string) => void,
  { notes }: SubjectOptions,
): Promise<Row[]> {
  notes.tell(
    "Truth: entropy of people's votes. spearman: rank correlation with it; auroc: finding the tenth on which they disagree most (of three votes: those that are not unanimous).",
  );
  notes.tell(
    "cleanlab: 1 - self-confidence, out of sample (5-fold cross-validation of the same model: six trainings where Assay has one). fiftyone: FiftyOne's definition of hardness, entropy of the softmax of the logits, of the last epoch; fiftyone_cv: of the out-of-sample ones.",
  );
  notes.tell(
    "one_output: all that is known, to everyone, is one out-of-sample output; fiftyone is then its entropy. Of two classes (amazon) no definition from the given label's probability alone can order samples in another way than cleanlab's.",
  );
  const cases = [
    ...await oneOutput(say, notes),
    ...await trainedRuns(say, notes),
  ];
  const rows: Row[] = [];
  for (const [name, group] of Map.groupBy(cases, (one) => one.name)) {
    for (const system of Object.keys(group[0]!.scores)) {
      const key = { subject: "hard", case: name, system };
      const each = (
        measure: (scores: ArrayLike<number>, truth: Float64Array) => number,
      ) => group.map((c) => measure(c.scores[system]!, c.disagreement));
      rows.push(
        medianRow({ ...key, metric: "spearman" }, each(spearman)),
        medianRow(
          { ...key, metric: "auroc" },
          each((scores, truth) => auroc(scores, mostDisagreed(truth))),
        ),
      );
    }
  }
  return rows;
}

/** One output each: probabilities that cleanlab published for CIFAR-10's test images, and CIFAR-10H's votes on the same. */
async function oneOutput(
  say: (text: string) => void,
  notes: SubjectOptions["notes"],
): Promise<HardCase[]> {
  const name = "cifar10h_one_output";
  notes.skip(
    "cifar10h with epochs and embeddings",
    "CIFAR-10's test images are not at hand; the same is measured on CIFAR-10N's three votes",
  );
  const votes = await benchData("cifar10h");
  const published = await benchData("label_errors_pyx");
  if (!votes || !published) {
    notes.skip(name, noBenchData(votes ? "label_errors_pyx" : "cifar10h"));
    return [];
  }
  say(`hard: ${name}`);
  const probs = await readNpyMatrix(
    new URL("cifar10_pred_probs.npy", published),
  );
  const labels = await readNpyLabels(new URL("cifar10_labels.npy", published));
  const shares = await readNpyMatrix(new URL("cifar10h-probs.npy", votes));
  return [await oneOutputCase(name, labels, probs, entropies(shares))];
}

/** All that is known is one out-of-sample output. */
async function oneOutputCase(
  name: string,
  labels: Int32Array,
  probs: Matrix,
  disagreement: Float64Array,
): Promise<HardCase> {
  const { columns } = await scoreDataset(outOfSampleInputs(labels, probs));
  return {
    name,
    disagreement,
    scores: {
      assay: columns.hardness,
      cleanlab: doubts(probs, labels),
      fiftyone: entropies(probs),
    },
  };
}

/** Trainings that the subject `labels` keeps. */
async function trainedRuns(
  say: (text: string) => void,
  notes: SubjectOptions["notes"],
): Promise<HardCase[]> {
  const cases: HardCase[] = [];
  for (const setting of SETTINGS.filter((s) => VOTED.includes(s.name))) {
    for (const seed of SEEDS) {
      const folder = await runFolder(setting, seed);
      const votes = await votesOf(setting.data);
      if (!votes) {
        notes.skip(
          setting.name,
          noBenchData(
            setting.data === "amazon" ? "amazon_isbook_crowd" : setting.data,
          ),
        );
        break;
      }
      if (!await isThere(folder)) {
        notes.skip(
          `${setting.name}, seed ${seed}`,
          "not trained yet: `deno task bench labels` trains and keeps it",
        );
        continue;
      }
      say(`hard: ${setting.name}, seed ${seed}`);
      const contents = `${cacheFolder()}/${CONTENTS}/${setting.data}`;
      const { inputs, labels, rows } = await readTrainedRun(folder, contents);
      const { columns } = await scoreDataset(inputs);
      const probs = await readProbs(folder, "cv_probs");
      const disagreement = Float64Array.from(
        rows,
        (row) => entropyOf(votes[row]!),
      );
      cases.push(
        await oneOutputCase(
          `${setting.name}_one_output`,
          labels,
          probs,
          disagreement,
        ),
      );
      cases.push({
        name: setting.name,
        disagreement,
        scores: {
          assay: columns.hardness,
          cleanlab: doubts(probs, labels),
          fiftyone: entropies(await lastProbs(folder)),
          fiftyone_cv: entropies(probs),
        },
      });
    }
  }
  return cases;
}

/** Votes on each row of a data set; null where it is not at hand. */
async function votesOf(data: string): Promise<string[][] | null> {
  if (data === "amazon") {
    const folder = await benchData("amazon_isbook_crowd");
    if (!folder) return null;
    const text = await Deno.readTextFile(new URL("data.jsonl", folder));
    return text.trim().split("\n").map((line) =>
      JSON.parse(line).votes.map((vote: [string, string]) => vote[1])
    );
  }
  const folder = await benchData(data);
  if (!folder) return null;
  const [head, ...lines] =
    (await Deno.readTextFile(new URL("labels.csv", folder))).trim().split("\n")
      .map((line) => line.split(","));
  const columns = ["random1", "random2", "random3"].map((name) =>
    head!.indexOf(name)
  );
  return lines.map((line) => columns.map((at) => line[at]!));
}

async function lastProbs(folder: string): Promise<Matrix> {
  const { data, shape } = await readNpy(`${folder}/logits.npy`);
  const [nEpochs, rows, cols] = shape as [number, number, number];
  const last = (data as Float16Array).subarray((nEpochs - 1) * rows * cols);
  return softmaxRows({ data: Float32Array.from(last), rows, cols });
}

/** 1 less the probability of each given label. */
function doubts({ data, cols }: Matrix, labels: Int32Array): Float64Array {
  return Float64Array.from(labels, (y, i) => 1 - data[i * cols + y]!);
}

function entropies({ data, rows, cols }: Matrix): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = i * cols; j < (i + 1) * cols; j++) {
      const p = data[j]!;
      if (p > 0) out[i]! -= p * Math.log(p);
    }
  }
  return out;
}

function entropyOf(votes: readonly string[]): number {
  const counts = Map.groupBy(votes, (vote) => vote);
  let entropy = 0;
  for (const { length } of counts.values()) {
    const share = length / votes.length;
    entropy -= share * Math.log(share);
  }
  return entropy;
}

/** The tenth with the largest values, those equal to its least included; all that are above 0 where that would be more. */
function mostDisagreed(disagreement: Float64Array): Uint8Array {
  const sorted = disagreement.toSorted();
  const limit = sorted[Math.floor(0.9 * sorted.length)]!;
  const least = sorted.find((x) => x > 0) ?? Infinity;
  const most = Math.max(limit, least);
  const hasFewLevels = new Set(sorted).size <= 3;
  return Uint8Array.from(
    disagreement,
    (x) => x >= (hasFewLevels ? least : most) ? 1 : 0,
  );
}
