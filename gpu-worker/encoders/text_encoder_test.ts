import assert from "node:assert/strict";
import { encodeGraph, type GraphSpec } from "../graphs/onnx.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { DEFAULT_MODELS, readModel } from "./model_file.ts";
import {
  MOST_TOKENS,
  openTextEncoder,
  type TextEncoderSession,
} from "./text_encoder.ts";

const WIDTH = 512;

async function withEncoder(
  test: (encoder: TextEncoderSession) => Promise<void>,
): Promise<void> {
  const encoder = await openTextEncoder(await readModel(DEFAULT_MODELS.text));
  try {
    await test(encoder);
  } finally {
    await encoder.release();
  }
}

function randomTokens(lengths: readonly number[], seed: number): Int32Array[] {
  const random = seededRandom(seed);
  return lengths.map((length) =>
    Int32Array.from({ length }, () => 6 + Math.floor(7994 * random()))
  );
}

function row({ data, cols }: Matrix, i: number): Float32Array {
  return data.subarray(i * cols, (i + 1) * cols);
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    ab += x * b[i]!;
    aa += x * x;
    bb += b[i]! * b[i]!;
  });
  return ab / Math.sqrt(aa * bb);
}

Deno.test("a text encoder gives a row of length 1 for each sequence, in their order", async () => {
  await withEncoder(async (encoder) => {
    const tokens = randomTokens([9, 1, 30, 2, 17, 9], 1);
    const all = await encoder.encode(tokens);
    assert.deepEqual([all.rows, all.cols], [6, WIDTH]);
    for (const [i, ids] of tokens.entries()) {
      const alone = await encoder.encode([ids]);
      assert.ok(cosine(row(all, i), row(alone, 0)) > 0.999, `row ${i}`);
      assert.ok(Math.abs(Math.hypot(...row(all, i)) - 1) < 1e-3);
    }
    assert.ok(cosine(row(all, 0), row(all, 5)) < 0.9);
  });
});

Deno.test("a text encoder gives the same whatever is in the batch, more than one batch too", async () => {
  await withEncoder(async (encoder) => {
    const tokens = randomTokens(
      Array.from({ length: 70 }, (_, i) => i % 7 + 1),
      2,
    );
    const all = await encoder.encode(tokens);
    const turned = await encoder.encode(tokens.toReversed());
    for (let i = 0; i < 70; i++) {
      assert.ok(cosine(row(all, i), row(turned, 69 - i)) > 0.999);
    }
    assert.deepEqual(await encoder.encode(tokens), all);
  });
});

Deno.test("a text encoder cuts after 128 tokens", async () => {
  await withEncoder(async (encoder) => {
    const [long] = randomTokens([500], 3);
    const { data } = await encoder.encode([long!]);
    assert.deepEqual(
      data,
      (await encoder.encode([long!.subarray(0, MOST_TOKENS)])).data,
    );
    assert.notDeepEqual(
      data,
      (await encoder.encode([long!.subarray(0, MOST_TOKENS - 1)])).data,
    );
  });
});

Deno.test("a text encoder gives NaN for empty sequences", async () => {
  await withEncoder(async (encoder) => {
    const [some] = randomTokens([4], 4);
    const none = new Int32Array(0);
    const found = await encoder.encode([none, some!, none]);
    assert.ok(row(found, 0).every(Number.isNaN));
    assert.ok(row(found, 1).every(Number.isFinite));
    assert.ok(row(found, 2).every(Number.isNaN));
    assert.equal((await encoder.encode([none])).cols, 0);
    assert.equal((await encoder.encode([])).rows, 0);
  });
});

Deno.test("a text encoder tells of each batch and ends between two", async () => {
  await withEncoder(async (encoder) => {
    const tokens = randomTokens(Array(640).fill(1), 5);
    const fractions: number[] = [];
    await encoder.encode(tokens, { onProgress: (f) => fractions.push(f) });
    assert.deepEqual(fractions, [0.8, 1]);
    const abort = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(
      encoder.encode(tokens, {
        signal: abort.signal,
        onProgress(fraction) {
          assert.equal(fraction, 0.8);
          abort.abort(reason);
        },
      }),
      reason,
    );
  });
});

Deno.test("a text encoder refuses models that break the contract", async () => {
  const ids = { type: "int64" as const, shape: ["b", "t"] };
  const spec = (
    shape: (string | number)[],
    axes: bigint,
    to: number,
  ): GraphSpec => ({
    name: "other",
    inputs: { input_ids: ids, attention_mask: ids },
    outputs: { embedding: to === 1 ? shape : { type: "int64", shape } },
    initializers: { axes: { data: BigInt64Array.of(axes), shape: [1] } },
    nodes: [
      ["Mul", ["input_ids", "attention_mask"], "met"],
      ["ReduceSum", ["met", "axes"], "sum"],
      ["Cast", ["sum"], "embedding", { to }],
    ],
  });
  for (const model of [spec([1, "t"], 0n, 1), spec(["b", 1], 1n, 7)]) {
    const encoder = await openTextEncoder(encodeGraph(model));
    await assert.rejects(encoder.encode(randomTokens([2, 2], 1)), {
      name: "RangeError",
      message: /"embedding" must be float32 \(2, width\): current value is/,
    });
    await encoder.release();
  }
  await assert.rejects(openTextEncoder(Uint8Array.of(1, 2, 3)));
});
