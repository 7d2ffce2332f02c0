import { N_FEATURES, type SparseVector } from "./features.ts";

/** Width of the hidden layer, which is the embedding. */
export const WIDTH = 64;

const LEARNING_RATE = 0.001;
const START_SCALE = 0.03;
const [BETA_1, BETA_2] = [0.9, 0.999];

/** Weights with the two running means Adam keeps of their gradients. */
class Weights {
  readonly values: Float32Array;
  readonly #first: Float32Array;
  readonly #second: Float32Array;

  constructor(size: number, start: () => number) {
    this.values = new Float32Array(size).map(start);
    this.#first = new Float32Array(size);
    this.#second = new Float32Array(size);
  }

  /** One step of Adam on `gradient`, which belongs at `offset`. */
  update(offset: number, gradient: Float32Array, rate: number): void {
    for (let i = 0; i < gradient.length; i++) {
      const at = offset + i;
      const g = gradient[i]!;
      this.#first[at] = BETA_1 * this.#first[at]! + (1 - BETA_1) * g;
      this.#second[at] = BETA_2 * this.#second[at]! + (1 - BETA_2) * g * g;
      this.values[at]! -= rate * this.#first[at]! /
        (Math.sqrt(this.#second[at]!) + 1e-8);
    }
  }
}

/** A small classifier: hashed words → 64 hidden units (ReLU) → class logits. */
export class Net {
  readonly #nClasses: number;
  readonly #words: Weights;
  readonly #hiddenBias: Weights;
  readonly #output: Weights;
  readonly #outputBias: Weights;
  #step = 0;

  constructor(nClasses: number, random: () => number) {
    const gauss = () =>
      Math.sqrt(-2 * Math.log(random() + 1e-12)) *
      Math.cos(2 * Math.PI * random());
    this.#nClasses = nClasses;
    this.#words = new Weights(N_FEATURES * WIDTH, () => gauss() * START_SCALE);
    this.#hiddenBias = new Weights(WIDTH, () => 0);
    this.#output = new Weights(
      WIDTH * nClasses,
      () => gauss() / Math.sqrt(WIDTH),
    );
    this.#outputBias = new Weights(nClasses, () => 0);
  }

  /** Logits of one sample, written to `logits`, and its hidden layer, written to `hidden`. */
  forward(
    { indices, values }: SparseVector,
    hidden: Float32Array,
    logits: Float32Array,
  ): void {
    hidden.set(this.#hiddenBias.values);
    for (let j = 0; j < indices.length; j++) {
      const row = indices[j]! * WIDTH;
      for (let d = 0; d < WIDTH; d++) {
        hidden[d]! += values[j]! * this.#words.values[row + d]!;
      }
    }
    for (let d = 0; d < WIDTH; d++) hidden[d] = Math.max(0, hidden[d]!);
    for (let k = 0; k < this.#nClasses; k++) {
      let sum = this.#outputBias.values[k]!;
      for (let d = 0; d < WIDTH; d++) {
        sum += hidden[d]! * this.#output.values[d * this.#nClasses + k]!;
      }
      logits[k] = sum;
    }
  }

  /**
   * One training step on a batch.
   *
   * @returns What the batch's samples gave before the step: logits (b, n_classes), hidden layers (b, 64), mean loss.
   */
  train(
    batch: readonly SparseVector[],
    labels: readonly number[],
  ): { logits: Float32Array; hidden: Float32Array; loss: number } {
    const K = this.#nClasses;
    const logits = new Float32Array(batch.length * K);
    const hidden = new Float32Array(batch.length * WIDTH);
    const outputGradient = new Float32Array(WIDTH * K);
    const outputBiasGradient = new Float32Array(K);
    const hiddenBiasGradient = new Float32Array(WIDTH);
    const wordGradients = new Map<number, Float32Array>();
    let loss = 0;
    for (const [i, sample] of batch.entries()) {
      const h = hidden.subarray(i * WIDTH, (i + 1) * WIDTH);
      const z = logits.subarray(i * K, (i + 1) * K);
      this.forward(sample, h, z);
      const probs = softmax(z);
      loss -= Math.log(probs[labels[i]!]! + 1e-12) / batch.length;
      const back = new Float32Array(WIDTH);
      for (let k = 0; k < K; k++) {
        const g = (probs[k]! - (k === labels[i] ? 1 : 0)) / batch.length;
        outputBiasGradient[k]! += g;
        for (let d = 0; d < WIDTH; d++) {
          outputGradient[d * K + k]! += h[d]! * g;
          if (h[d]! > 0) back[d]! += this.#output.values[d * K + k]! * g;
        }
      }
      for (let d = 0; d < WIDTH; d++) hiddenBiasGradient[d]! += back[d]!;
      for (let j = 0; j < sample.indices.length; j++) {
        const place = sample.indices[j]!;
        let gradient = wordGradients.get(place);
        if (!gradient) {
          wordGradients.set(place, gradient = new Float32Array(WIDTH));
        }
        for (let d = 0; d < WIDTH; d++) {
          gradient[d]! += sample.values[j]! * back[d]!;
        }
      }
    }
    this.#step++;
    const rate = LEARNING_RATE * Math.sqrt(1 - BETA_2 ** this.#step) /
      (1 - BETA_1 ** this.#step);
    for (const [place, gradient] of wordGradients) {
      this.#words.update(place * WIDTH, gradient, rate);
    }
    this.#hiddenBias.update(0, hiddenBiasGradient, rate);
    this.#output.update(0, outputGradient, rate);
    this.#outputBias.update(0, outputBiasGradient, rate);
    return { logits, hidden, loss };
  }
}

/** Probabilities of one row of logits. */
export function softmax(logits: Float32Array): Float32Array {
  const most = Math.max(...logits);
  const exps = logits.map((z) => Math.exp(z - most));
  const sum = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / sum);
}
