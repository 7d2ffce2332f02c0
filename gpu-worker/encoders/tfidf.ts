import { NgramTable } from "./ngram_table.ts";
import type { SparseMatrix } from "./sparse_matrix.ts";

/** What counts as an n-gram. */
export interface TfidfOptions {
  /** Texts an n-gram must be in at least; default 3: what only two share is mostly a copy. */
  readonly minTexts?: number;
  /** n-grams kept, those in the most texts; default 65,536. */
  readonly mostFeatures?: number;
  /** Values of the result: fewer n-grams are kept where they are in too many texts; default 2^25. */
  readonly mostValues?: number;
}

/** Longer ones are encoded attachments. */
const MOST_WORD_LENGTH = 40;

/**
 * TF-IDF of words and pairs of words: `(1 + ln tf) * (ln((1 + n) / (1 + df)) + 1)`, rows of length 1.
 *
 * A word is a run of letters and digits, in lower case. n-grams are told apart by 64-bit hashes. A text without known n-grams, and null,
 * give an empty row, and count in n all the same. Deterministic. O(characters), two passes; memory beside the result is bounded.
 *
 * Source: Salton and Buckley (1988), Information Processing and Management 24; as scikit-learn's `TfidfVectorizer(ngram_range=(1, 2),
 * sublinear_tf=True)`, whose `max_features` counts occurrences where we count texts.
 *
 * @param texts Texts, null where there is none, (n,).
 * @param options Which n-grams count.
 * @returns (n, n_features); columns have no order.
 *
 * @example
 * ```ts
 * import { tfidf } from "./tfidf.ts";
 * import assert from "node:assert/strict";
 *
 * const { cols, starts } = tfidf(["a b c", "b a", "a b", null], { minTexts: 2 });
 * assert.equal(cols, 3); // a, b, "a b"
 * assert.deepEqual(starts, Int32Array.of(0, 3, 5, 8, 8));
 * ```
 */
export function tfidf(
  texts: readonly (string | null)[],
  { minTexts = 3, mostFeatures = 2 ** 16, mostValues = 2 ** 25 }: TfidfOptions =
    {},
): SparseMatrix {
  const table = new NgramTable();
  texts.forEach((text, row) => {
    if (text === null) return;
    eachNgram(text, (high, low) => table.count(high, low, row));
  });
  const { columnOf, idf } = vocabularyOf(table, texts.length, {
    minTexts,
    mostFeatures,
    mostValues,
  });
  const starts = new Int32Array(texts.length + 1);
  let columns = new Int32Array(1024);
  let values = new Float32Array(1024);
  let end = 0;
  const times = new Int32Array(idf.length);
  texts.forEach((text, row) => {
    const start = end;
    if (text !== null) {
      eachNgram(text, (high, low) => {
        const column = columnOf[table.find(high, low)] ?? -1;
        if (column < 0 || times[column]!++ > 0) return;
        if (end === columns.length) {
          columns = grown(columns);
          values = grown(values);
        }
        columns[end++] = column;
      });
    }
    let squares = 0;
    for (let i = start; i < end; i++) {
      const column = columns[i]!;
      const value = (1 + Math.log(times[column]!)) * idf[column]!;
      times[column] = 0;
      values[i] = value;
      squares += value * value;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let i = start; i < end; i++) values[i]! *= scale;
    starts[row + 1] = end;
  });
  return {
    rows: texts.length,
    cols: idf.length,
    starts,
    columns: columns.subarray(0, end),
    values: values.subarray(0, end),
  };
}

/** The n-grams in the most texts; of those in equally many, the first slots. */
function vocabularyOf(
  table: NgramTable,
  nTexts: number,
  { minTexts, mostFeatures, mostValues }: Required<TfidfOptions>,
): { columnOf: Int32Array; idf: Float64Array } {
  const having = new Int32Array(nTexts + 1); // n-grams in so many texts
  for (let slot = 0; slot < table.slots; slot++) having[table.countAt(slot)]!++;
  let least = nTexts + 1; // texts of the rarest of which all are taken
  let features = mostFeatures;
  let values = mostValues;
  let ties = 0; // of those in one text less, so many are taken
  while (least > minTexts && ties === 0) {
    const met = least - 1;
    const fitting = Math.min(features, Math.floor(values / met));
    if (having[met]! > fitting) {
      ties = fitting;
      break;
    }
    features -= having[met]!;
    values -= having[met]! * met;
    least = met;
  }
  const columnOf = new Int32Array(table.slots).fill(-1);
  const idf: number[] = [];
  for (let slot = 0; slot < table.slots; slot++) {
    const count = table.countAt(slot);
    if (count < least && (count !== least - 1 || count === 0 || ties-- <= 0)) {
      continue;
    }
    columnOf[slot] = idf.length;
    idf.push(Math.log((1 + nTexts) / (1 + count)) + 1);
  }
  return { columnOf, idf: Float64Array.from(idf) };
}

/** Hashes of each word, and of each pair of words that follow each other. */
function eachNgram(
  text: string,
  use: (high: number, low: number) => void,
): void {
  let [beforeHigh, beforeLow, isFirst] = [0, 0, true];
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    if (word.length > MOST_WORD_LENGTH) continue;
    let high = 0x811c9dc5 | 0;
    let low = 0x9e3779b9 | 0;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low + unit, 0x85ebca6b) ^ (low >>> 13);
    }
    high ^= high >>> 15;
    low ^= low >>> 16;
    use(high, low);
    if (!isFirst) {
      use(
        Math.imul(beforeHigh, 0x2c1b3c6d) + high | 0,
        Math.imul(beforeLow ^ 0x297a2d39, 0x5bd1e995) ^ low,
      );
    }
    [beforeHigh, beforeLow, isFirst] = [high, low, false];
  }
}

function grown<T extends Int32Array | Float32Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(
    2 * array.length,
  );
  larger.set(array);
  return larger;
}
