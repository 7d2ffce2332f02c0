/** Pairs of rows with nearly the same hash; see {@linkcode nearHashes}. */
export interface HashPairs {
  /** The two rows of each pair, the smaller first, (2 * n_pairs,). */
  readonly pairs: Int32Array;
  /** Bits in which their hashes differ, (n_pairs,). */
  readonly distance: Uint8Array;
}

/** Parts that a hash is looked up by: with at most 7 differing bits, one of four parts has at most one. */
const PART_BITS = 16;
/** Most bits that pairs may differ in. */
const MOST_BITS = 7;

/**
 * Pairs of rows whose 64-bit hashes differ in at most `mostBits` bits, exactly,
 * without comparing all: of four parts of 16 bits one differs in at most one
 * bit, so that 17 look-ups a part find every pair.
 *
 * Of rows with one and the same hash each is paired with the first of them only,
 * and only that one with others: enough for connected components, not all
 * pairs. A hash of zeros is none. Expected O(n * (68 + n / 1,000)) for hashes
 * whose bits are even; deterministic; pairs ascend.
 *
 * Source: Norouzi, Punjani and Fleet (2012), "Fast search in Hamming space with
 * multi-index hashing", CVPR.
 *
 * @param hashes Hashes of two words each, (n * 2,).
 * @param mostBits Bits that may differ, 0 to 7.
 * @returns Pairs and their distance.
 * @throws {RangeError} If `mostBits` is out of range.
 *
 * @example
 * ```ts
 * import { nearHashes } from "./near_hashes.ts";
 * import assert from "node:assert/strict";
 *
 * const { pairs, distance } = nearHashes(Uint32Array.of(7, 1, 0, 0, 6, 1), 6);
 * assert.deepEqual([...pairs, ...distance], [0, 2, 1]);
 * ```
 */
export function nearHashes(hashes: Uint32Array, mostBits: number): HashPairs {
  if (!(mostBits >= 0 && mostBits <= MOST_BITS)) {
    throw new RangeError(
      `Cannot pair hashes as mostBits must be in 0..${MOST_BITS}: current value is ${mostBits}`,
    );
  }
  const found: [a: number, b: number, distance: number][] = [];
  const distinct = firstOfEach(hashes, found);
  const next = new Int32Array(distinct.length);
  for (let part = 0; part < 4; part++) {
    const heads = new Int32Array(1 << PART_BITS).fill(-1);
    for (let i = 0; i < distinct.length; i++) {
      const own = partOf(hashes, distinct[i]!, part);
      for (let bit = -1; bit < PART_BITS; bit++) {
        const key = bit < 0 ? own : own ^ (1 << bit);
        for (let j = heads[key]!; j >= 0; j = next[j]!) {
          compare(distinct[j]!, distinct[i]!, part);
        }
      }
      next[i] = heads[own]!;
      heads[own] = i;
    }
  }
  found.sort(([a, b], [c, d]) => a - c || b - d);
  return {
    pairs: Int32Array.from(found.flatMap(([a, b]) => [a, b])),
    distance: Uint8Array.from(found, ([, , d]) => d),
  };

  function compare(a: number, b: number, part: number): void {
    const distance = bits(hashes[a * 2]! ^ hashes[b * 2]!) +
      bits(hashes[a * 2 + 1]! ^ hashes[b * 2 + 1]!);
    if (distance > mostBits) return;
    for (let earlier = 0; earlier < part; earlier++) { // found by that part
      const differ = partOf(hashes, a, earlier) ^ partOf(hashes, b, earlier);
      if (bits(differ) <= 1) return;
    }
    found.push([a, b, distance]);
  }
}

/** Rows whose hash is the first of its kind; the others are paired with it. */
function firstOfEach(
  hashes: Uint32Array,
  found: [number, number, number][],
): number[] {
  const firstByHash = new Map<number, Map<number, number>>();
  const distinct: number[] = [];
  for (let row = 0; row < hashes.length / 2; row++) {
    const [high, low] = [hashes[row * 2]!, hashes[row * 2 + 1]!];
    if (high === 0 && low === 0) continue;
    let byLow = firstByHash.get(high);
    if (!byLow) firstByHash.set(high, byLow = new Map());
    const first = byLow.get(low);
    if (first !== undefined) found.push([first, row, 0]);
    else {
      byLow.set(low, row);
      distinct.push(row);
    }
  }
  return distinct;
}

function partOf(hashes: Uint32Array, row: number, part: number): number {
  const word = hashes[row * 2 + (part >> 1)]!;
  return part % 2 ? word & 0xffff : word >>> PART_BITS;
}

/** Bits that are set. */
function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
