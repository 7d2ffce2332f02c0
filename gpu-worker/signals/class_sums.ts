import type { ProbRows } from "../kernels/prob_rows.ts";
import { rowArgmax } from "../kernels/row_argmax.ts";
import { rowMargin } from "../kernels/row_margin.ts";
import { selectLargest } from "../kernels/select_largest.ts";

/** Up to so many classes each has its sum; of more, a sample keeps its so many largest. */
export const MOST_SLOTS = 64;

/** Arrays of {@linkcode ClassSums}. */
export interface ClassSumArrays {
  /** Class of each slot, ascending within a sample, -1 empty, (n * slots,); null: slot k is class k. */
  readonly classes: Int32Array | null;
  /** Sum of each slot, (n * slots,). */
  readonly sums: Float32Array;
  /** How often each slot was counted, (n * slots,). */
  readonly counts: Uint16Array | null;
}

/**
 * Empty sums.
 *
 * @param nSamples Samples.
 * @param nClasses Classes.
 * @param isCounted Whether slots are counted, too.
 */
export function emptyClassSums(
  nSamples: number,
  nClasses: number,
  isCounted: boolean,
): ClassSumArrays {
  const length = nSamples * Math.min(nClasses, MOST_SLOTS);
  return {
    classes: nClasses > MOST_SLOTS ? new Int32Array(length).fill(-1) : null,
    sums: new Float32Array(length),
    counts: isCounted ? new Uint16Array(length) : null,
  };
}

/**
 * Sums over classes of every sample, in O(n * min(n_classes, 64)).
 *
 * Above 64 classes a sample keeps the 64 largest of its sums, and always the one of its label; what falls out, or does not get in, is lost. A class
 * without a slot begins at 0 with every addition: each takes no more from it than the smallest sum that is kept beside the label's, but many small ones
 * may take more than that in all. {@linkcode ClassSums.spread} gives what is lost back to the classes without a slot, in equal shares.
 */
export class ClassSums {
  /** Slots of a sample. */
  readonly nSlots: number;
  /** Classes. */
  readonly nClasses: number;
  readonly #arrays: ClassSumArrays;
  readonly #places: Int32Array;
  readonly #scratch: Float32Array;
  readonly #merged: {
    readonly classes: Int32Array;
    readonly sums: Float32Array;
    readonly counts: Uint16Array;
  };

  /**
   * Works on arrays that stay the caller's.
   *
   * @param nClasses Classes.
   * @param arrays Where the sums are; changed by what follows.
   */
  constructor(nClasses: number, arrays: ClassSumArrays) {
    const nSlots = arrays.classes ? MOST_SLOTS : nClasses;
    this.nClasses = nClasses;
    this.nSlots = nSlots;
    this.#arrays = arrays;
    this.#places = new Int32Array(nSlots);
    this.#scratch = new Float32Array(Math.max(nClasses, 2 * nSlots));
    this.#merged = {
      classes: new Int32Array(2 * nSlots),
      sums: new Float32Array(2 * nSlots),
      counts: new Uint16Array(2 * nSlots),
    };
  }

  /** Forgets everything. */
  clear(): void {
    this.#arrays.classes?.fill(-1);
    this.#arrays.sums.fill(0);
    this.#arrays.counts?.fill(0);
  }

  /**
   * Adds one value a class to a sample.
   *
   * @param row Sample.
   * @param values One row of n_classes from `start`.
   * @param label Class that keeps its slot; -1 for none.
   */
  add(row: number, values: Float32Array, start: number, label: number): void {
    const { classes, sums } = this.#arrays;
    const { nSlots } = this;
    const own = row * nSlots;
    if (!classes) {
      for (let k = 0; k < nSlots; k++) sums[own + k]! += values[start + k]!;
      return;
    }
    const places = this.#places;
    const n = selectLargest(
      values,
      start,
      this.nClasses,
      nSlots,
      label,
      places,
      this.#scratch,
    );
    this.#merge(row, places, n, (j) => values[start + places[j]!]!, label);
  }

  /**
   * Adds what another has summed of a sample, and counts one class.
   *
   * @param row Sample, in both.
   * @param other Of as many classes.
   * @param weight Its sums are multiplied by this.
   * @param counted Class that is counted.
   * @param label Class that keeps its slot; -1 for none.
   */
  addWeighted(
    row: number,
    other: ClassSums,
    weight: number,
    counted: number,
    label: number,
  ): void {
    const from = other.#arrays;
    const { classes, sums, counts } = this.#arrays;
    const { nSlots } = this;
    const own = row * nSlots;
    if (!classes) {
      for (let j = own; j < own + nSlots; j++) {
        sums[j]! += weight * from.sums[j]!;
      }
    } else {
      const given = from.classes!.subarray(own, own + nSlots);
      const end = given.indexOf(-1);
      const n = end < 0 ? nSlots : end;
      this.#merge(row, given, n, (j) => weight * from.sums[own + j]!, label);
    }
    const slot = this.#slotOf(row, counted);
    if (counts && slot >= 0) counts[slot]!++;
  }

  /** Takes the sums of another, of as many classes, in place of a sample's own. */
  copy(row: number, other: ClassSums): void {
    const { nSlots } = this;
    const [start, end] = [row * nSlots, (row + 1) * nSlots];
    const { classes, sums } = other.#arrays;
    this.#arrays.sums.set(sums.subarray(start, end), start);
    if (classes) this.#arrays.classes!.set(classes.subarray(start, end), start);
  }

  /** Divides a sample's sums. */
  divide(row: number, by: number): void {
    const { sums } = this.#arrays;
    for (let j = row * this.nSlots; j < (row + 1) * this.nSlots; j++) {
      sums[j]! /= by;
    }
  }

  /** A class's sum; 0 without a slot. */
  sumOf(row: number, label: number): number {
    const slot = this.#slotOf(row, label);
    return slot < 0 ? 0 : this.#arrays.sums[slot]!;
  }

  /** How often a class was counted; 0 without a slot. */
  countOf(row: number, label: number): number {
    const slot = this.#slotOf(row, label);
    return slot < 0 ? 0 : this.#arrays.counts![slot]!;
  }

  /** The class of the largest sum, the first of equal ones. */
  argmax(row: number): number {
    const slot = rowArgmax(this.#arrays.sums, row, this.nSlots);
    return this.#arrays.classes?.[row * this.nSlots + slot] ?? slot;
  }

  /** A class's sum less the largest of the others. */
  margin(row: number, label: number): number {
    const slot = this.#slotOf(row, label) - row * this.nSlots;
    return rowMargin(this.#arrays.sums, row, this.nSlots, slot);
  }

  /**
   * All sums of a sample.
   *
   * @param row Sample.
   * @param total What they sum to; what the slots lack of it is spread over the classes without one.
   * @param out Where they are written.
   * @param start First place of n_classes.
   */
  spread(row: number, total: number, out: Float32Array, start: number): void {
    const { classes, sums } = this.#arrays;
    const { nSlots } = this;
    const own = row * nSlots;
    if (!classes) {
      out.set(sums.subarray(own, own + nSlots), start);
      return;
    }
    let rest = total;
    let n = 0;
    for (; n < nSlots && classes[own + n]! >= 0; n++) rest -= sums[own + n]!;
    const share = Math.max(0, rest) / (this.nClasses - n);
    out.fill(share, start, start + this.nClasses);
    for (let j = 0; j < n; j++) out[start + classes[own + j]!] = sums[own + j]!;
  }

  /**
   * One class's share of a sample's sums.
   *
   * @param row Sample.
   * @param total What all sums sum to.
   * @param label Class.
   * @returns What {@linkcode spread} writes for it, divided by the total; NaN of no total.
   */
  shareOf(row: number, total: number, label: number): number {
    const slot = this.#slotOf(row, label);
    return slot < 0
      ? this.#restOf(row, total)
      : Math.fround(this.#arrays.sums[slot]! / total);
  }

  /**
   * Adds a sample's shares, times `weight`, to those of others, in O(slots).
   *
   * @param row Sample.
   * @param total What all its sums sum to.
   * @param weight What the shares are multiplied by.
   * @param out Where slots are added to, (n_classes,): a class's share less the one of a class without a slot.
   * @returns What is to be added to every class: the share of one without a slot; NaN, and nothing added, of no total.
   */
  addShares(
    row: number,
    total: number,
    weight: number,
    out: Float64Array,
  ): number {
    if (!(total > 0)) return NaN;
    const { classes, sums } = this.#arrays;
    const { nSlots } = this;
    const own = row * nSlots;
    if (!classes) {
      for (let k = 0; k < nSlots; k++) {
        out[k]! += weight * Math.fround(sums[own + k]! / total);
      }
      return 0;
    }
    const rest = this.#restOf(row, total);
    for (let j = own; j < own + nSlots && classes[j]! >= 0; j++) {
      out[classes[j]!]! += weight * (Math.fround(sums[j]! / total) - rest);
    }
    return weight * rest;
  }

  /** The share of a class without a slot, as {@linkcode spread} gives it. */
  #restOf(row: number, total: number): number {
    const { classes, sums } = this.#arrays;
    const own = row * this.nSlots;
    let rest = total;
    let n = 0;
    for (; n < this.nSlots && classes![own + n]! >= 0; n++) {
      rest -= sums[own + n]!;
    }
    const sum = Math.fround(Math.max(0, rest) / (this.nClasses - n));
    return Math.fround(sum / total);
  }

  #slotOf(row: number, label: number): number {
    const { classes } = this.#arrays;
    const start = row * this.nSlots;
    if (!classes) return start + label;
    let [low, high] = [start, start + this.nSlots - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = classes[middle]!;
      if (found === label) return middle;
      if (found >= 0 && found < label) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Joins a sample's slots with n others, both ascending by class, and keeps the largest. */
  #merge(
    row: number,
    classes: Int32Array,
    n: number,
    valueOf: (j: number) => number,
    label: number,
  ): void {
    const { classes: own, sums, counts } = this.#arrays;
    const { nSlots } = this;
    const merged = this.#merged;
    const [start, end] = [row * nSlots, (row + 1) * nSlots];
    let [i, j, size, kept] = [start, 0, 0, -1];
    while ((i < end && own![i]! >= 0) || j < n) {
      const mine = i < end && own![i]! >= 0 ? own![i]! : Infinity;
      const theirs = j < n ? classes[j]! : Infinity;
      const least = Math.min(mine, theirs);
      merged.classes[size] = least;
      merged.sums[size] = (mine === least ? sums[i]! : 0) +
        (theirs === least ? valueOf(j) : 0);
      merged.counts[size] = mine === least ? counts?.[i] ?? 0 : 0;
      if (mine === least) i++;
      if (theirs === least) j++;
      if (least === label) kept = size;
      size++;
    }
    const places = this.#places;
    const nKept = selectLargest(
      merged.sums,
      0,
      size,
      nSlots,
      kept,
      places,
      this.#scratch,
    );
    for (let slot = 0; slot < nKept; slot++) {
      const place = places[slot]!;
      own![start + slot] = merged.classes[place]!;
      sums[start + slot] = merged.sums[place]!;
      if (counts) counts[start + slot] = merged.counts[place]!;
    }
  }
}

/**
 * Shares of the sums of samples, made as they are asked for.
 *
 * @param sums Sums.
 * @param totals What those of each sample sum to, (n,); where that is 0 or NaN the row is unknown.
 * @returns Rows that sum to 1, (n, n_classes).
 */
export function shareRows(
  sums: ClassSums,
  totals: ArrayLike<number>,
): ProbRows {
  const cols = sums.nClasses;
  return {
    rows: totals.length,
    cols,
    read(row, out) {
      const total = totals[row]!;
      sums.spread(row, total, out, 0);
      for (let k = 0; k < cols; k++) out[k]! /= total; // 0 / 0 is NaN
    },
    get: (row, label) => sums.shareOf(row, totals[row]!, label),
    addTo: (row, weight, out) => sums.addShares(row, totals[row]!, weight, out),
  };
}
