import { join } from "node:path";
import type {
  ScoreInputs,
  SplitInputs,
} from "../../gpu-worker/detectors/score_types.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import type { FeatureView } from "../../gpu-worker/signals/feature_view.ts";
import { TrainingDynamics } from "../../gpu-worker/signals/training_dynamics.ts";
import { readNpy, readNpyLabels, readNpyMatrix } from "../npy.ts";

/** A training that was cached, as the engine and its peers see it. */
export interface TrainedRun {
  /** Class names. */
  readonly names: readonly string[];
  /** Rows of the data set, (n,). */
  readonly rows: Int32Array;
  /** True classes, (n,). */
  readonly truth: Int32Array;
  /** Labels as given, (n,). */
  readonly labels: Int32Array;
  /** 1 where they are wrong, (n,). */
  readonly isWrong: Uint8Array;
  /** The run as a worker gets it: epochs, embeddings, views. */
  readonly inputs: ScoreInputs;
}

/**
 * Reads a cached training.
 *
 * @param folder Of the training.
 * @param contents Folder of its data set.
 */
export async function readTrainedRun(
  folder: string,
  contents: string,
): Promise<TrainedRun> {
  const labelsOf = (name: string) => readNpyLabels(join(folder, `${name}.npy`));
  const [rows, truth, labels] = await Promise.all(
    ["rows", "truth", "labels"].map(labelsOf),
  ) as [Int32Array, Int32Array, Int32Array];
  const logits = await readNpy(join(folder, "logits.npy"));
  const [nEpochs, n, nClasses] = logits.shape as [number, number, number];
  const names = await namesOf(contents, nClasses);
  const dynamics = new TrainingDynamics({ labels, nClasses });
  const all = Int32Array.from(labels.keys());
  for (let epoch = 0; epoch < nEpochs; epoch++) {
    dynamics.beginEpoch(epoch);
    const data = Float32Array.from(
      (logits.data as Float16Array).subarray(
        epoch * n * nClasses,
        (epoch + 1) * n * nClasses,
      ),
    );
    dynamics.add(all, { data, rows: n, cols: nClasses }, "logits");
    dynamics.endEpoch();
  }
  const split: SplitInputs = {
    split: "training",
    isOutOfSample: false,
    dynamics: dynamics.state,
    embeddings: await readNpyMatrix(join(folder, "embeddings.npy")),
    views: await viewsOf(folder, contents, rows),
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
  };
  return {
    names,
    rows,
    truth,
    labels,
    isWrong: Uint8Array.from(labels, (y, i) => y === truth[i] ? 0 : 1),
    inputs: { labelNames: names, splits: [split] },
  };
}

/** Probabilities that were cached beside a training: `cv_probs` or `cv_encoder_probs`, (n, n_classes). */
export async function readProbs(folder: string, name: string): Promise<Matrix> {
  return await readNpyMatrix(join(folder, `${name}.npy`));
}

async function namesOf(contents: string, n: number): Promise<string[]> {
  try {
    return JSON.parse(await Deno.readTextFile(join(contents, "names.json")));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return Array.from({ length: n }, (_, k) => String(k));
  }
}

/** Views of the run's rows: those of the data set, or the table that was trained on. */
async function viewsOf(
  folder: string,
  contents: string,
  rows: Int32Array,
): Promise<FeatureView[]> {
  const views: FeatureView[] = [];
  for (const name of ["tfidf", "sentence", "tokens", "image"]) {
    const all = await matrixIfThere(join(contents, `view_${name}.npy`));
    if (!all) continue;
    const data = new Float32Array(rows.length * all.cols);
    rows.forEach((row, i) =>
      data.set(
        all.data.subarray(row * all.cols, (row + 1) * all.cols),
        i * all.cols,
      )
    );
    views.push({ name, features: { data, rows: rows.length, cols: all.cols } });
  }
  const table = await matrixIfThere(join(folder, "view_columns.npy"));
  if (table) views.push({ name: "columns", features: table });
  return views;
}

async function matrixIfThere(path: string): Promise<Matrix | null> {
  try {
    return await readNpyMatrix(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
