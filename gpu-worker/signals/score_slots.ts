import { selectLargest } from "../kernels/select_largest.ts";
import { MOST_SLOTS } from "./class_sums.ts";

/**
 * Scores of many classes, of which each row keeps its 64 largest and the one of its label: (n, 64) in place of (n, n_classes).
 *
 * Of the others their number and, for each temperature, the sum of their `exp(temperature * score)` is kept: what they weigh together is exact, how
 * that is shared among them is forgotten.
 */
export class ScoreSlots {
  /** Samples. */
  readonly rows: number;
  /** Classes. */
  readonly cols: number;
  /** Class of each slot, ascending within a row, -1 in rows that are unknown, (n * slots,). */
  readonly classes: Int32Array;
  /** Its score less the largest of the row, (n * slots,). */
  readonly scores: Float32Array;
  /** Sum of `exp(temperature * (score - largest))` over classes without a slot, (n * temperatures.length,). */
  readonly rest: Float32Array;
  /** Slots of a row. */
  readonly nSlots: number;
  readonly #temperatures: readonly number[];
  readonly #places: Int32Array;
  readonly #scratch: Float32Array;

  /**
   * Starts with rows that are all unknown.
   *
   * @param rows Samples.
   * @param cols Classes.
   * @param temperatures What scores will be multiplied by.
   */
  constructor(rows: number, cols: number, temperatures: readonly number[]) {
    this.rows = rows;
    this.cols = cols;
    this.nSlots = Math.min(cols, MOST_SLOTS);
    this.classes = new Int32Array(rows * this.nSlots).fill(-1);
    this.scores = new Float32Array(rows * this.nSlots);
    this.rest = new Float32Array(rows * temperatures.length);
    this.#temperatures = temperatures;
    this.#places = new Int32Array(this.nSlots);
    this.#scratch = new Float32Array(cols);
  }

  /**
   * Takes the scores of a row.
   *
   * @param row Sample.
   * @param scores One a class, numbers, (n_classes,).
   * @param label Class that gets a slot; -1 for none.
   */
  set(row: number, scores: Float32Array, label: number): void {
    const { nSlots, cols, classes } = this;
    const temperatures = this.#temperatures;
    const places = this.#places;
    selectLargest(scores, 0, cols, nSlots, label, places, this.#scratch);
    let max = -Infinity;
    for (const k of places) max = Math.max(max, scores[k]!);
    const own = row * nSlots;
    for (let j = 0; j < nSlots; j++) {
      classes[own + j] = places[j]!;
      this.scores[own + j] = scores[places[j]!]! - max;
    }
    const scratch = this.#scratch;
    for (let k = 0; k < cols; k++) scratch[k] = scores[k]! - max;
    for (const k of places) scratch[k] = -Infinity;
    for (let t = 0; t < temperatures.length; t++) {
      let sum = 0;
      for (let k = 0; k < cols; k++) {
        if (scratch[k]! > -Infinity) {
          sum += Math.exp(temperatures[t]! * scratch[k]!);
        }
      }
      this.rest[row * temperatures.length + t] = sum;
    }
  }
}
