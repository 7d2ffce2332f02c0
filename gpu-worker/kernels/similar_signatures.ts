/** Pairs of rows with similar signatures; see {@linkcode similarSignatures}. */
export interface SignaturePairs {
  /** The two rows of each pair, the smaller first, (2 * n_pairs,). */
  readonly pairs: Int32Array;
  /** Estimated Jaccard similarity, (n_pairs,). */
  readonly similarity: Float32Array;
}

/** Rows of one bucket that others are compared with. */
const MAX_LEADERS = 16;

/**
 * Pairs of rows whose MinHash signatures agree in at least `threshold` of
 * their places, found by locality-sensitive hashing: bands of four places,
 * rows that share a band are compared.
 *
 * A pair above the threshold is missed with probability `(1 - J^4)^(length / 4)`
 * (64 places: 3e-4 at J = .8, .006 at .7). In a bucket every row is compared
 * with the first row of each group found so far (16 at most), so that a bucket
 * of n copies costs O(n) and gives n - 1 pairs: enough for connected
 * components, not all pairs. Empty signatures pair with nothing.
 * Deterministic; pairs ascend.
 *
 * Source: Leskovec, Rajaraman and Ullman (2014), Mining of Massive Datasets,
 * section 3.4.
 *
 * @param signatures Signatures of `length` places, row after row, (n * length,).
 * @param length Places of a signature, a multiple of 4.
 * @param threshold Least similarity, in (0, 1].
 * @returns Pairs and their similarity.
 * @throws {RangeError} If `length` is no positive multiple of 4.
 *
 * @example
 * ```ts
 * import { similarSignatures } from "./similar_signatures.ts";
 * import assert from "node:assert/strict";
 *
 * const found = similarSignatures(Uint32Array.of(1, 2, 3, 4, 9, 9, 9, 9, 1, 2, 3, 4), 4, 0.75);
 * assert.deepEqual(found.pairs, Int32Array.of(0, 2));
 * ```
 */
export function similarSignatures(
  signatures: Uint32Array,
  length: number,
  threshold: number,
): SignaturePairs {
  if (!(length > 0) || length % 4 !== 0) {
    throw new RangeError(
      `Cannot compare signatures as length must be a positive multiple of 4: current value is ${length}`,
    );
  }
  const rows = signatures.length / length;
  const found = new Map<number, number>(); // key of the pair to similarity
  for (let band = 0; band < length; band += 4) {
    const leadersByKey = new Map<number, number[]>();
    for (let row = 0; row < rows; row++) {
      const start = row * length;
      if (signatures[start] === 0xffffffff) continue;
      const key = bandKey(signatures, start + band);
      const leaders = leadersByKey.get(key);
      if (leaders === undefined) {
        leadersByKey.set(key, [row]);
        continue;
      }
      let isLed = false;
      for (const leader of leaders) {
        const pair = leader * rows + row;
        const similarity = found.get(pair) ??
          equalShare(signatures, leader * length, start, length);
        if (similarity < threshold) continue;
        found.set(pair, similarity);
        isLed = true;
        break;
      }
      if (!isLed && leaders.length < MAX_LEADERS) leaders.push(row);
    }
  }
  const keys = Float64Array.from(found.keys()).sort();
  const pairs = new Int32Array(keys.length * 2);
  const similarity = new Float32Array(keys.length);
  keys.forEach((key, i) => {
    pairs[2 * i] = Math.floor(key / rows);
    pairs[2 * i + 1] = key % rows;
    similarity[i] = found.get(key)!;
  });
  return { pairs, similarity };
}

/** 52 bits of four places. */
function bandKey(signatures: Uint32Array, start: number): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let j = start; j < start + 4; j++) {
    low = Math.imul(low ^ signatures[j]!, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ signatures[j]!, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}

function equalShare(
  signatures: Uint32Array,
  a: number,
  b: number,
  length: number,
): number {
  let equal = 0;
  for (let j = 0; j < length; j++) {
    if (signatures[a + j] === signatures[b + j]) equal++;
  }
  return equal / length;
}
