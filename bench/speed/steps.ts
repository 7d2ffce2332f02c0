// deno-lint-ignore-file camelcase
import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import { knnGraph, type KnnMethod } from "../../gpu-worker/graphs/knn_graph.ts";
import { expectedF1Threshold } from "../../gpu-worker/kernels/expected_f1_threshold.ts";
import { knnShapley } from "../../gpu-worker/kernels/knn_shapley.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { outOfSampleEvidence } from "../../gpu-worker/signals/out_of_sample_evidence.ts";
import { TrainingDynamics } from "../../gpu-worker/signals/training_dynamics.ts";
import {
  type NpyArray,
  readNpy,
  readNpyLabels,
  readNpyMatrix,
} from "../npy.ts";
import { productRate } from "./product_rate.ts";
import type { Step } from "./step.ts";

const N_EPOCHS = 10;
const N_CLASSES = 10;

const labelIssues: Step = async ({ folder }) => {
  const probs = await readNpyMatrix(`${folder}probs.npy`);
  const labels = await readNpyLabels(`${folder}labels.npy`);
  return () => {
    const { probability } = outOfSampleEvidence(labels, probs);
    const threshold = expectedF1Threshold(probability);
    const flagged = new Uint8Array(labels.length);
    for (let i = 0; i < flagged.length; i++) {
      flagged[i] = probability[i]! > threshold ? 1 : 0;
    }
    return { arrays: { flagged: vector(flagged) } };
  };
};

const shapley: Step = async ({ folder }) => {
  const { data, shape: [, k] } = await readNpy(`${folder}neighbours.npy`);
  const labels = await readNpyLabels(`${folder}labels.npy`);
  const neighbours = data as Int32Array;
  return () => ({
    arrays: {
      values: vector(knnShapley({ neighbours, listed: k!, k: k!, labels })),
    },
  });
};

function knn(method: "auto" | KnnMethod): Step {
  return async ({ folder, threads }) => {
    const base = await readNpyMatrix(`${folder}features.npy`);
    return async () => {
      const graph = await knnGraph({
        queries: base,
        base,
        selfOffset: 0,
        k: 10,
        metric: "cosine",
        method,
        threads,
      });
      return {
        arrays: {
          neighbours: { data: graph.neighbours, shape: [base.rows, graph.k] },
        },
        words: { method: graph.method },
      };
    };
  };
}

const fold: Step = async ({ folder }) => {
  const labels = await readNpyLabels(`${folder}labels.npy`);
  const epochs = await readEpochs(folder);
  return () => {
    const { lastConfidence } = folded(labels, epochs).state;
    return { arrays: { last_confidence: vector(lastConfidence) } };
  };
};

const score: Step = async ({ folder, threads }) => {
  const labels = await readNpyLabels(`${folder}labels.npy`);
  const epochs = await readEpochs(folder);
  const embeddings = await readNpyMatrix(`${folder}features.npy`);
  return async () => {
    const { issueScores, issueTypes } = await scoreDataset({
      labelNames: Array.from({ length: N_CLASSES }, (_, k) => `class ${k}`),
      splits: [{
        split: "training",
        isOutOfSample: false,
        dynamics: folded(labels, epochs).state,
        embeddings,
        contentHashes: null,
        textSignatures: null,
        sampleIds: null,
      }],
    }, { threads });
    const arrays: Record<string, NpyArray> = {};
    for (
      const [name, type] of [
        ["label", "mislabeled"],
        ["outlier", "outlier"],
        ["near_duplicate", "near_duplicate"],
      ] as const
    ) {
      const scores = issueScores[type];
      if (!scores) continue;
      const n = scores.length;
      const data = new Float32Array(2 * n);
      data.set(scores);
      issueTypes.forEach((types, i) => {
        if (types.includes(type)) data[n + i] = 1;
      });
      arrays[name] = { data, shape: [2, n] };
    }
    return { arrays };
  };
};

/** Steps by name; each is run in a process of its own. */
export const STEPS: Readonly<Record<string, Step>> = {
  label_issues_10: labelIssues,
  label_issues_1000: labelIssues,
  knn_shapley: shapley,
  knn_graph_exact: knn("exact"),
  knn_graph_approximate: knn("auto"),
  knn_graph_product: productRate,
  fold,
  score_run: score,
};

function vector(data: NpyArray["data"]): NpyArray {
  return { data, shape: [data.length] };
}

function readEpochs(folder: string): Promise<Matrix[]> {
  const files = Array.from(
    { length: N_EPOCHS },
    (_, epoch) => readNpyMatrix(`${folder}logits_${epoch}.npy`),
  );
  return Promise.all(files);
}

function folded(labels: Int32Array, epochs: Matrix[]): TrainingDynamics {
  const dynamics = new TrainingDynamics({ labels, nClasses: N_CLASSES });
  const rows = Int32Array.from(labels.keys());
  epochs.forEach((logits, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(rows, logits, "logits");
    dynamics.endEpoch();
  });
  return dynamics;
}
