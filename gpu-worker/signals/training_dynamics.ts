import type { Matrix } from "../kernels/matrix.ts";
import { rowArgmax } from "../kernels/row_argmax.ts";
import { rowMargin } from "../kernels/row_margin.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { ClassSums, emptyClassSums } from "./class_sums.ts";
import {
  classSumsOf,
  type DynamicsState,
  emptyDynamics,
  lastProbsOf,
} from "./dynamics_state.ts";

/** Logits differ by more than this only when one is a mask. */
const MAX_LOGIT_MARGIN = 1e3;
/** Least probability in a log ratio of probabilities. */
const LEAST_PROB = 1e-12;
/** EL2N is taken in the second epoch that a sample was seen in, or in the first when there is no other. */
const EL2N_EPOCHS = 2;

/**
 * Folds a training's outputs, epoch by epoch, into sums of O(n * min(n_classes, 64)).
 *
 * One epoch is in memory at a time, by its mean probabilities. Above 64 classes
 * a sample keeps its 64 most probable ones, and its label, as {@linkcode ClassSums} says.
 * States: closed → `beginEpoch()` → open → `add()` any number of times →
 * `endEpoch()` → closed. Only `endEpoch()` changes {@linkcode state}, so an
 * epoch that is never ended leaves no trace.
 *
 * An epoch's weight is `a^3 (1 - a) + 1e-4` with its accuracy a on given
 * labels: epochs that already know something and have not memorised yet. A
 * sample met twice in one epoch counts with its mean; one that was not met
 * keeps its own sums. Rows that hold NaN or infinity (`-Infinity` masks a
 * class in logits) or that are no probabilities are skipped and counted.
 */
export class TrainingDynamics {
  /** The sums so far; plain typed arrays that can be stored and given to the constructor again. */
  readonly state: DynamicsState;
  readonly #sums: ClassSums;
  readonly #probs: ClassSums;
  readonly #last: ClassSums | null;
  readonly #logitMargins: Float64Array;
  readonly #counts: Uint32Array;
  readonly #row: Float32Array;
  #nSkippedRows = 0;
  #epoch: number | null = null;

  /**
   * Starts from nothing, or goes on from a stored state, which it takes over.
   *
   * @param start Given labels, -1 where unlabelled, (n,), and the number of classes; or a state.
   * @throws {RangeError} If a label is out of range.
   */
  constructor(
    start: { labels: Int32Array; nClasses: number } | DynamicsState,
  ) {
    this.state = "nSamples" in start
      ? start
      : emptyDynamics(start.labels, start.nClasses);
    const { nSamples, nClasses } = this.state;
    this.#sums = classSumsOf(this.state);
    this.#last = lastProbsOf(this.state);
    this.#probs = new ClassSums(
      nClasses,
      emptyClassSums(nSamples, nClasses, false),
    );
    this.#row = new Float32Array(nClasses);
    this.#logitMargins = new Float64Array(nSamples);
    this.#counts = new Uint32Array(nSamples);
  }

  /**
   * Opens an epoch; what an epoch that was not ended had added is forgotten.
   *
   * @param epoch Number of the epoch; later ones are larger.
   * @throws {RangeError} If `epoch` is not larger than the last one ended.
   */
  beginEpoch(epoch: number): void {
    const last = this.state.epochs.at(-1);
    if (last !== undefined && epoch <= last) {
      throw new RangeError(
        `Cannot begin epoch as it must come after ${last}: current value is ${epoch}`,
      );
    }
    this.#epoch = epoch;
    this.#nSkippedRows = 0;
    this.#probs.clear();
    this.#logitMargins.fill(0);
    this.#counts.fill(0);
  }

  /**
   * Adds outputs of some samples to the open epoch.
   *
   * @param rows Sample of each output row, in 0..n-1, (b,).
   * @param outputs Logits or probabilities, (b, n_classes).
   * @param outputKind What `outputs` are; probabilities are scaled to sum to 1.
   * @throws {RangeError} If no epoch is open, shapes disagree or a row is out of range.
   */
  add(
    rows: Int32Array,
    outputs: Matrix,
    outputKind: "logits" | "probs",
  ): void {
    const { nSamples, nClasses, labels } = this.state;
    if (this.#epoch === null) {
      throw new RangeError("Cannot add outputs as no epoch is open");
    }
    if (outputs.cols !== nClasses || outputs.rows !== rows.length) {
      throw new RangeError(
        `Cannot add outputs as they must be (${rows.length}, ${nClasses}): got (${outputs.rows}, ${outputs.cols})`,
      );
    }
    const probs = outputKind === "logits"
      ? softmaxRows(outputs).data
      : scaledToOne(outputs);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (!(row >= 0 && row < nSamples)) {
        throw new RangeError(
          `Cannot add outputs as rows must be in 0..${
            nSamples - 1
          }: current value is ${row}`,
        );
      }
      if (Number.isNaN(probs[i * nClasses]!)) {
        this.#nSkippedRows++;
        continue;
      }
      this.#counts[row]!++;
      const label = labels[row]!;
      this.#probs.add(row, probs, i * nClasses, label);
      if (label < 0) continue;
      this.#logitMargins[row]! += outputKind === "logits"
        ? logitMargin(outputs, i, label)
        : logRatio(probs, i, nClasses, label);
    }
  }

  /**
   * Folds the open epoch into {@linkcode state}.
   *
   * @throws {RangeError} If no epoch is open.
   */
  endEpoch(): void {
    if (this.#epoch === null) {
      throw new RangeError("Cannot end epoch as no epoch is open");
    }
    const { nSamples } = this.state;
    for (let i = 0; i < nSamples; i++) {
      const count = this.#counts[i]!;
      if (count < 2) continue;
      this.#logitMargins[i]! /= count;
      this.#probs.divide(i, count);
    }
    const predictions = new Int32Array(nSamples).fill(-1);
    let correct = 0;
    let labelled = 0;
    for (let i = 0; i < nSamples; i++) {
      if (!this.#counts[i]) continue;
      predictions[i] = this.#probs.argmax(i);
      const label = this.state.labels[i]!;
      if (label < 0) continue;
      labelled++;
      if (predictions[i] === label) correct++;
    }
    const accuracy = labelled > 0 ? correct / labelled : NaN;
    const a = labelled > 0 ? accuracy : 0;
    const weight = a ** 3 * (1 - a) + 1e-4;
    const position = this.state.epochs.length;
    this.state.epochs.push(this.#epoch);
    this.state.accuracy.push(accuracy);
    this.state.nSkippedRows += this.#nSkippedRows;
    for (let i = 0; i < nSamples; i++) {
      if (this.#counts[i]) this.#fold(i, predictions[i]!, weight, position);
    }
    this.#epoch = null;
  }

  #fold(i: number, prediction: number, weight: number, position: number) {
    const s = this.state;
    const label = s.labels[i]!;
    s.weightSum[i]! += weight;
    this.#last?.copy(i, this.#probs);
    this.#sums.addWeighted(i, this.#probs, weight, prediction, label);
    const seen = ++s.epochsSeen[i]!;
    s.lastPrediction[i] = prediction;
    if (label < 0) return;

    const confidence = this.#probs.sumOf(i, label);
    const margin = this.#probs.margin(i, label);
    const isCorrect = prediction === label;
    s.weightedMargin[i]! += weight * margin;
    s.marginSum[i]! += margin;
    s.logitMarginSum[i]! += this.#logitMargins[i]!;
    s.confidenceSum[i]! += confidence;
    s.confidenceSquareSum[i]! += confidence ** 2;
    if (s.lastCorrect[i] === 1 && !isCorrect) s.forgettingEvents[i]!++;
    if (isCorrect) {
      s.correctCount[i]!++;
      if (s.firstLearnedEpoch[i] === -1) s.firstLearnedEpoch[i] = position;
    }
    s.lastCorrect[i] = isCorrect ? 1 : 0;
    s.lastConfidence[i] = confidence;
    if (seen <= EL2N_EPOCHS) {
      this.#probs.spread(i, 1, this.#row, 0);
      s.el2n[i] = Math.sqrt(
        this.#row.reduce(
          (sum, p, k) => sum + (p - (k === label ? 1 : 0)) ** 2,
          0,
        ),
      );
    }
  }
}

/** Rows divided by their sum; NaN throughout where a row is no probabilities. */
function scaledToOne({ data, rows, cols }: Matrix): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const sum = row.reduce((a, b) => a + (b >= 0 ? b : NaN), 0);
    const scale = sum > 0 && sum < Infinity ? 1 / sum : NaN;
    for (let k = 0; k < cols; k++) out[i * cols + k] = row[k]! * scale;
  }
  return out;
}

function logitMargin(logits: Matrix, row: number, label: number): number {
  const margin = rowMargin(logits.data, row, logits.cols, label);
  return Math.max(-MAX_LOGIT_MARGIN, Math.min(MAX_LOGIT_MARGIN, margin));
}

/** The logit margin of probabilities: softmax keeps differences as log ratios. */
function logRatio(
  probs: Float32Array,
  row: number,
  cols: number,
  label: number,
): number {
  const own = Math.max(LEAST_PROB, probs[row * cols + label]!);
  const rival = rowArgmax(probs, row, cols, label);
  if (rival < 0) return 0;
  return Math.log(own / Math.max(LEAST_PROB, probs[row * cols + rival]!));
}
