import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import type { ScoreInputs, SplitInputs } from "./score_types.ts";

/** A training: one entry a sample. */
export type Run = {
  labels: number[];
  epochs: number[][][];
  embeddings: number[][];
  isWrong: boolean[];
};

/** Three classes, a tenth of the labels wrong and slowly memorised, embeddings around class centres. */
export function makeRun(n: number, seed: number, k = 3): Run {
  const random = seededRandom(seed);
  const gauss = () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const truth = Array.from({ length: n }, () => Math.floor(random() * k));
  const isWrong = truth.map(() => random() < 0.1);
  const labels = truth.map((t, i) => isWrong[i] ? (t + 1) % k : t);
  const epochs = Array.from(
    { length: 8 },
    (_, e) =>
      truth.map((t, i) =>
        Array.from({ length: k }, (_, c) =>
          (c === t ? Math.min(e, 3) : 0) +
          (c === labels[i] ? Math.max(0, e - 3) : 0) + gauss())
      ),
  );
  const embeddings = truth.map((t) =>
    Array.from({ length: 6 }, (_, d) => (d === t ? 2 : 0) + 0.7 * gauss())
  );
  return { labels, epochs, embeddings, isWrong };
}

/** Rows as a matrix. */
export function matrix(rows: number[][], cols = rows[0]?.length ?? 0): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols };
}

/** A training split of the folded run. */
export function splitOf(
  { labels, epochs, embeddings }: Run,
  more: Partial<SplitInputs> = {},
): SplitInputs {
  const nClasses = epochs[0]?.[0]?.length ?? 3;
  const dynamics = new TrainingDynamics({
    labels: Int32Array.from(labels),
    nClasses,
  });
  epochs.forEach((rows, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(
      Int32Array.from(rows.keys()),
      matrix(rows, nClasses),
      "logits",
    );
    dynamics.endEpoch();
  });
  return {
    split: "training",
    isOutOfSample: false,
    dynamics: dynamics.state,
    embeddings: embeddings.length ? matrix(embeddings) : null,
    contentHashes: null,
    textSignatures: null,
    sampleIds: null,
    ...more,
  };
}

/** Splits of a run of three classes. */
export const inputsOf = (...splits: SplitInputs[]): ScoreInputs => ({
  labelNames: ["a", "b", "c"],
  splits,
});
