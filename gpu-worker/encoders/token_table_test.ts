import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { DEFAULT_MODELS, readModel } from "./model_file.ts";
import { openTextEncoder, type TextEncoderSession } from "./text_encoder.ts";
import { tokenMeans, tokenTable } from "./token_table.ts";

const RESERVED = 2;
const WIDTH = 6;

/** Encodes a token as what `rowOf` says of it. */
function fakeEncoder(rowOf: (token: number) => number[]): TextEncoderSession {
  return {
    encode(tokens, { onProgress, signal } = {}) {
      signal?.throwIfAborted();
      const rows = tokens.map((ids) => {
        assert.equal(ids.length, 1);
        return rowOf(ids[0]!);
      });
      onProgress?.(1);
      return Promise.resolve({
        data: Float32Array.from(rows.flat()),
        rows: rows.length,
        cols: WIDTH,
      });
    },
    release: () => Promise.resolve(),
  };
}

/** Random vectors of 2,500 tokens, the first axes the widest. */
function randomVectors(): number[][] {
  const normal = seededNormal(1);
  return Array.from(
    { length: 2500 },
    () => Array.from({ length: WIDTH }, (_, d) => 3 + normal() / (d + 1)),
  );
}

function inner({ data, cols }: Matrix, a: number, b: number): number {
  let sum = 0;
  for (let d = 0; d < cols; d++) {
    sum += data[a * cols + d]! * data[b * cols + d]!;
  }
  return sum;
}

Deno.test("tokenTable() of all components keeps inner products of centred vectors", async () => {
  const vectors = randomVectors();
  const size = vectors.length + RESERVED;
  const table = await tokenTable(
    fakeEncoder((token) => vectors[token - RESERVED]!),
    { size, reserved: RESERVED },
  );
  assert.deepEqual([table.rows, table.cols], [size, WIDTH]);
  assert.deepEqual(
    table.data.subarray(0, 2 * WIDTH),
    new Float32Array(2 * WIDTH),
  );
  const mean = vectors[0]!.map((_, d) =>
    vectors.reduce((sum, v) => sum + v[d]!, 0) / vectors.length
  );
  for (const [a, b] of [[0, 0], [1, 2], [1500, 2499]] as const) {
    const exact = vectors[a]!.reduce(
      (sum, x, d) => sum + (x - mean[d]!) * (vectors[b]![d]! - mean[d]!),
      0,
    );
    assert.ok(
      Math.abs(inner(table, a + RESERVED, b + RESERVED) - exact) < 1e-4,
    );
  }
});

Deno.test("tokenTable() keeps the components that vary the most", async () => {
  const vectors = randomVectors();
  const { data, cols } = await tokenTable(
    fakeEncoder((token) => vectors[token]!),
    { size: vectors.length, reserved: 0 },
    { rank: 2 },
  );
  assert.equal(cols, 2);
  const variance = (c: number) =>
    vectors.reduce((sum, _, i) => sum + data[i * 2 + c]! ** 2, 0) /
    vectors.length;
  assert.ok(Math.abs(variance(0) - 1) < 0.1);
  assert.ok(Math.abs(variance(1) - 0.25) < 0.03);
});

Deno.test("tokenTable() tells how far it is and ends when told", async () => {
  const vectors = randomVectors();
  const encoder = fakeEncoder((token) => vectors[token]!);
  const fractions: number[] = [];
  const abort = new AbortController();
  const reason = new Error("enough");
  const vocabulary = { size: 100, reserved: 0 };
  await tokenTable(encoder, vocabulary, {
    onProgress: (f) => fractions.push(f),
  });
  assert.deepEqual(fractions, [0.6, 1]);
  await assert.rejects(
    tokenTable(encoder, vocabulary, {
      signal: abort.signal,
      onProgress: () => abort.abort(reason),
    }),
    reason,
  );
});

Deno.test("tokenTable() of the default encoder puts words that mean the same side by side", async () => {
  const vocabulary: [string, number][] = JSON.parse(
    new TextDecoder().decode(await readModel(DEFAULT_MODELS.vocabulary)),
  );
  const encoder = await openTextEncoder(await readModel(DEFAULT_MODELS.text));
  const table = await tokenTable(encoder, { size: 8000, reserved: 6 });
  await encoder.release();
  assert.deepEqual([table.rows, table.cols], [8000, 256]);
  assert.ok(table.data.every(Number.isFinite));
  const cosine = (a: string, b: string) => {
    const [i, j] = [a, b].map((word) =>
      vocabulary.findIndex(([piece]) => piece === `▁${word}`)
    );
    assert.ok(i! > 0 && j! > 0);
    return inner(table, i!, j!) /
      Math.sqrt(inner(table, i!, i!) * inner(table, j!, j!));
  };
  assert.ok(cosine("dog", "puppy") > 0.6);
  assert.ok(cosine("Monday", "Tuesday") > 0.8);
  assert.ok(cosine("dog", "Tuesday") < 0.3);
});

Deno.test("tokenMeans() weighs rare tokens more", () => {
  const table = { data: Float32Array.of(0, 1, 3), rows: 3, cols: 1 };
  const texts = [Int32Array.of(1, 2), Int32Array.of(1, 1)];
  const [often, rarely] = [1e-3 / (1e-3 + 0.75), 1e-3 / (1e-3 + 0.25)];
  const { data } = tokenMeans(table, texts);
  assert.ok(
    Math.abs(data[0]! - (often + 3 * rarely) / (often + rarely)) < 1e-6,
  );
  assert.equal(data[1], 1);
});

Deno.test("tokenMeans() gives NaN without tokens, and 0 for unknown ones alone", () => {
  const table = { data: Float32Array.of(0, 0, 1, 2), rows: 2, cols: 2 };
  const none = new Int32Array(0);
  assert.deepEqual(
    tokenMeans(table, [none, Int32Array.of(0), Int32Array.of(1)]).data,
    Float32Array.of(NaN, NaN, 0, 0, 1, 2),
  );
  assert.deepEqual(tokenMeans(table, []).data, new Float32Array(0));
});
