import { hammingDistance } from "./hamming_distance.ts";

/** Pairs of rows with nearly the same hash; see {@linkcode nearHashes}. */
export interface HashPairs {
  /** The two rows of each pair, the smaller first, (2 * n_pairs,). */
  readonly pairs: Int32Array;
  /** Bits in which their hashes differ, (n_pairs,). */
  readonly distance: Uint8Array;
  /** Whether these are all; false where the search ended early. */
  readonly isComplete: boolean;
}

/** Parts that a hash is looked up by: with at most 7 differing bits, one of four has at most one; with at most 3, none. */
const PARTS = 4;
const PART_BITS = 16;
/** So many comparisons for each pair that was asked for end the search, too. */
const COMPARED_A_PAIR = 100;
/** Most bits that pairs may differ in. */
const MOST_BITS = 7;

/**
 * Pairs of rows whose 64-bit hashes differ in at most `mostBits` bits, exactly,
 * without comparing all: of four parts of 16 bits one differs in at most one
 * bit, so that 17 look-ups a part find every pair; one where at most 3 differ.
 *
 * Of rows with one and the same hash each is paired with the first of them only,
 * and only that one with others: enough for connected components, not all
 * pairs. A hash of zeros is none. Expected O(n * (68 + n / 1,000)) for hashes
 * whose bits are even; O(n^2) where most share a part, and so `mostPairs` ends it
 * early, as do 100 times as many comparisons. Deterministic; pairs ascend.
 *
 * Source: Norouzi, Punjani and Fleet (2012), "Fast search in Hamming space with
 * multi-index hashing", CVPR.
 *
 * @param hashes Hashes of two words each, (n * 2,).
 * @param mostBits Bits that may differ, 0 to 7.
 * @param mostPairs With more the search ends and tells some of them; default all.
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
export function nearHashes(
  hashes: Uint32Array,
  mostBits: number,
  mostPairs = Infinity,
): HashPairs {
  if (!(mostBits >= 0 && mostBits <= MOST_BITS)) {
    throw new RangeError(
      `Cannot pair hashes as mostBits must be in 0..${MOST_BITS}: current value is ${mostBits}`,
    );
  }
  const n = hashes.length / 2;
  /** (a * n + b) * 8 + distance: ascends as pairs do. */
  const found: number[] = [];
  const distinct = firstOfEach(hashes, (a, b) => found.push((a * n + b) * 8));
  let nCompared = 0;
  const isComplete = mostBits === 0 || search();
  return { ...unpacked(found, n), isComplete };

  function search(): boolean {
    const next = new Int32Array(distinct.length);
    const isWide = mostBits >= PARTS;
    for (let part = 0; part < PARTS; part++) {
      const heads = new Int32Array(1 << PART_BITS).fill(-1);
      for (let i = 0; i < distinct.length; i++) {
        const own = partOf(hashes, distinct[i]!, part);
        for (let bit = -1; bit < (isWide ? PART_BITS : 0); bit++) {
          const key = bit < 0 ? own : own ^ (1 << bit);
          for (let j = heads[key]!; j >= 0; j = next[j]!) {
            compare(distinct[j]!, distinct[i]!, part, isWide);
          }
        }
        if (
          found.length > mostPairs || nCompared > COMPARED_A_PAIR * mostPairs
        ) return false;
        next[i] = heads[own]!;
        heads[own] = i;
      }
    }
    return true;
  }

  function compare(a: number, b: number, part: number, isWide: boolean): void {
    nCompared++;
    const distance = hammingDistance(hashes, a, b);
    if (distance > mostBits) return;
    for (let earlier = 0; earlier < part; earlier++) { // found by that part
      const differ = partOf(hashes, a, earlier) ^ partOf(hashes, b, earlier);
      if (differ === 0 || (isWide && (differ & (differ - 1)) === 0)) return;
    }
    found.push((a * n + b) * 8 + distance);
  }
}

function unpacked(
  found: readonly number[],
  n: number,
): Pick<HashPairs, "pairs" | "distance"> {
  const pairs = new Int32Array(found.length * 2);
  const distance = new Uint8Array(found.length);
  Float64Array.from(found).sort().forEach((key, i) => {
    const pair = Math.floor(key / 8);
    distance[i] = key % 8;
    pairs[2 * i] = Math.floor(pair / n);
    pairs[2 * i + 1] = pair % n;
  });
  return { pairs, distance };
}

/** Rows whose hash is the first of its kind; the others are paired with it. */
function firstOfEach(
  hashes: Uint32Array,
  onCopy: (first: number, row: number) => void,
): number[] {
  const firstByHash = new Map<number, Map<number, number>>();
  const distinct: number[] = [];
  for (let row = 0; row < hashes.length / 2; row++) {
    const [high, low] = [hashes[row * 2]!, hashes[row * 2 + 1]!];
    if (high === 0 && low === 0) continue;
    let byLow = firstByHash.get(high);
    if (!byLow) firstByHash.set(high, byLow = new Map());
    const first = byLow.get(low);
    if (first !== undefined) onCopy(first, row);
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
