import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";

/** A run whose samples can be looked at, as plain rows. */
export interface MadeRun {
  /** Given labels, a seventh of them wrong. */
  readonly labels: Int32Array;
  /** Where they are wrong. */
  readonly isWrong: readonly boolean[];
  /** Logits of each epoch; wrong labels are learned by heart from the fourth on. */
  readonly epochs: readonly Matrix[];
  /** What the net sees, class centres and noise. */
  readonly embeddings: Matrix;
  /** What the training did not shape: class centres and noise of a size of their own. */
  readonly features: Matrix;
}

/** Three classes, six epochs; with less `noise` the features tell classes better apart. */
export function makeRun(n: number, seed: number, noise: number): MadeRun {
  const normal = seededNormal(seed);
  const truth = Int32Array.from({ length: n }, (_, i) => (i * 7) % 3);
  const isWrong = Array.from(truth, (_, i) => i % 7 === 2);
  const labels = truth.map((y, i) => isWrong[i] ? (y + 1 + i % 2) % 3 : y);
  const matrix = (cols: number, f: (row: number, col: number) => number) => ({
    data: Float32Array.from(
      { length: n * cols },
      (_, at) => f(Math.floor(at / cols), at % cols),
    ),
    rows: n,
    cols,
  });
  // what makes a sample look like another class, in every epoch
  const looks = matrix(3, () => normal());
  return {
    labels,
    isWrong,
    epochs: Array.from(
      { length: 6 },
      (_, e) =>
        matrix(3, (i, k) =>
          (k === truth[i] ? Math.min(e, 3) : 0) +
          (k === labels[i] ? Math.max(0, e - 2) : 0) +
          1.2 * looks.data[3 * i + k]! + 0.4 * normal()),
    ),
    embeddings: matrix(4, (i, d) => (d === truth[i] ? 2.5 : 0) + normal()),
    features: matrix(5, (i, d) => (d === truth[i] ? 2 : 0) + noise * normal()),
  };
}
