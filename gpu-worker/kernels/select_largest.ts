/**
 * Where the m largest values are, ascending by place; of equal values the first.
 *
 * Hoare's selection on a copy, O(length) in the mean. Values are numbers, not NaN.
 *
 * @param values Where to look.
 * @param start First place.
 * @param length Places.
 * @param m Places wanted, at most all.
 * @param kept Place, from `start`, that is taken whatever its value; -1 for none.
 * @param out Where places are written, from `start` as 0; at least min(m, length) long.
 * @param scratch At least `length` long; overwritten.
 * @returns Places written.
 *
 * @example
 * ```ts
 * import { selectLargest } from "./select_largest.ts";
 * import assert from "node:assert/strict";
 *
 * const out = new Int32Array(2);
 * selectLargest(Float32Array.of(3, 1, 2), 0, 3, 2, 1, out, new Float32Array(3));
 * assert.deepEqual(out, Int32Array.of(0, 1));
 * ```
 */
export function selectLargest(
  values: Float32Array,
  start: number,
  length: number,
  m: number,
  kept: number,
  out: Int32Array,
  scratch: Float32Array,
): number {
  if (length <= m) {
    for (let i = 0; i < length; i++) out[i] = i;
    return length;
  }
  for (let i = 0; i < length; i++) scratch[i] = values[start + i]!;
  if (kept >= 0) scratch[kept] = Infinity;
  const least = largest(scratch, length, m);
  let above = 0;
  for (let i = 0; i < length; i++) {
    if (i === kept || values[start + i]! > least) above++;
  }
  let ties = m - above;
  let n = 0;
  for (let i = 0; i < length && n < m; i++) {
    const value = values[start + i]!;
    if (i === kept || value > least || (value === least && ties-- > 0)) {
      out[n++] = i;
    }
  }
  return n;
}

/** The m-th largest of the first values, which are put in another order. */
function largest(values: Float32Array, length: number, m: number): number {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i]! > pivot) i++;
      while (values[j]! < pivot) j--;
      if (i <= j) {
        const value = values[i]!;
        values[i++] = values[j]!;
        values[j--] = value;
      }
    }
    if (m - 1 <= j) high = j;
    else if (m - 1 >= i) low = i;
    else return values[m - 1]!;
  }
  return values[m - 1]!;
}
