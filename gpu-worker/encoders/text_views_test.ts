import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { withTinyEncoder } from "./testing/tiny_encoder.ts";
import { EncodingShelf } from "./encoding_shelf.ts";
import { readModel } from "./model_file.ts";
import { textEncoderKey, textViews } from "./text_views.ts";

const TOPICS = [
  "the match was won by the home team after a late goal",
  "shares fell as the bank raised its rates again",
];

/** Texts of two topics in turn, each starting at another word. */
const texts = Array.from({ length: 40 }, (_, i) => {
  const words = TOPICS[i % 2]!.split(" ");
  return words.map((_, j) => words[(j + i) % words.length]).join(" ");
});

function row({ data, cols }: Matrix, i: number): Float32Array {
  return data.subarray(i * cols, (i + 1) * cols);
}

function distance(matrix: Matrix, i: number, j: number): number {
  return Math.hypot(...row(matrix, i).map((x, d) => x - row(matrix, j)[d]!));
}

Deno.test("textViews() chooses by what the encoder would take for all texts on a nominal machine, alike on every one", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const equal = Array<string>(100).fill(TOPICS[0]!);
    const megabytes = (await Deno.stat(textEncoder)).size / 1e6;
    const letters = TOPICS[0]!.replaceAll(" ", "").length; // a token each
    const nominalMs = 0.0176 * 100 * letters * megabytes;
    const at = (encodeBudgetMs: number) =>
      textViews(equal, { textEncoder, encodeBudgetMs });
    const whole = await at(nominalMs * 1.001);
    assert.deepEqual(whole.views.map((v) => v.name), ["tfidf", "sentence"]);
    assert.deepEqual(whole.notes, [
      "The sentence encoder read the first 128 tokens of every text",
    ]);
    const means = await at(nominalMs * 0.999);
    assert.deepEqual(means.views.map((v) => v.name), ["tfidf", "tokens"]);
    assert.match(
      means.notes[0]!,
      /^Texts are weighted means of their tokens: the sentence encoder would take about 0 s for all of them, and may take 0 s \(ASSAY_ENCODE_BUDGET_S\)$/,
    );
    const never = await at(0);
    assert.deepEqual(never.views, means.views);
    assert.deepEqual(never.notes, ["Texts are weighted means of their tokens"]);
  });
});

Deno.test("textViews() has rows in the order of texts, alike for texts of a topic", async () => {
  for (const encodeBudgetMs of [0, Infinity]) {
    const { views } = await textViews([...texts, null], { encodeBudgetMs });
    assert.deepEqual(
      views.map((v) => v.features.cols),
      [views[0]!.features.cols, encodeBudgetMs === 0 ? 256 : 512],
    );
    for (const { name, features } of views) {
      assert.equal(features.rows, 41);
      assert.ok(distance(features, 4, 6) < distance(features, 4, 5), name);
      assert.ok(distance(features, 5, 7) < distance(features, 6, 7), name);
      assert.ok(row(features, 40).every(Number.isNaN));
    }
  }
});

Deno.test("textViews() knows nothing of words that no other text has, but of their letters", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const { views } = await textViews([...texts, "zyzzyva"], { textEncoder });
    assert.ok(row(views[0]!.features, 40).every(Number.isNaN));
    assert.ok(row(views[1]!.features, 40).every(Number.isFinite));
  });
});

Deno.test("textViews() gives no view where nobody has a word", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const none = { views: [], notes: [] };
    assert.deepEqual(await textViews([], { textEncoder }), none);
    assert.deepEqual(await textViews([null, "", "\n"], { textEncoder }), none);
    const { views } = await textViews(["one text", null], { textEncoder });
    assert.deepEqual(views.map((v) => v.name), ["sentence"]); // too few for TF-IDF
  });
});

Deno.test("textViews() is the same twice", async () => {
  await withTinyEncoder(async (textEncoder) => {
    for (const encodeBudgetMs of [0, Infinity]) {
      const options = { textEncoder, encodeBudgetMs };
      assert.deepEqual(
        await textViews(texts, options),
        await textViews(texts, options),
      );
    }
  });
});

Deno.test("textViews() tells how far it is, and ends when told, at any step", async () => {
  await withTinyEncoder(async (textEncoder) => {
    for (const encodeBudgetMs of [0, Infinity]) {
      const options = { textEncoder, encodeBudgetMs };
      const fractions: number[] = [];
      await textViews(texts, {
        ...options,
        onProgress: (f) => fractions.push(f),
      });
      assert.equal(fractions.at(-1), 1);
      assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
      for (const end of fractions.slice(0, -1)) {
        const abort = new AbortController();
        const reason = new Error("enough");
        let last = 0;
        await assert.rejects(
          textViews(texts, {
            ...options,
            signal: abort.signal,
            onProgress(fraction) {
              last = fraction;
              if (fraction >= end) abort.abort(reason);
            },
          }),
          reason,
        );
        assert.equal(last, end);
      }
    }
  });
});

Deno.test("textViews() asks the sentence encoder for no text that is known, and gives the same bits", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const contentHashes = texts.map((_, i) => `hash ${i}`);
    const wanted = contentHashes;
    const shelf = new EncodingShelf(wanted);
    const options = { textEncoder, contentHashes };
    const first = await textViews(texts, { ...options, shelf });
    assert.equal(shelf.nMade, texts.length);

    const known = new EncodingShelf(wanted);
    for (const made of shelf.takeMade()) assert.equal(known.know(made), 0);
    const second = await textViews(texts, { ...options, shelf: known });
    assert.deepEqual(second, first);
    assert.equal(known.nMade, 0);

    const others = contentHashes.map((hash, i) => i % 10 === 3 ? null : hash);
    await textViews(texts, {
      ...options,
      contentHashes: others,
      shelf: known,
    });
    assert.equal(known.nMade, 4, "those that cannot be told again");

    const none = new EncodingShelf(wanted);
    const plain = await textViews(texts, { textEncoder, shelf: none });
    assert.deepEqual(plain, first);
    assert.deepEqual(none.takeMade(), []);
  });
});

Deno.test("textViews() does not even open an encoder where all is known", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const size = (await Deno.stat(textEncoder)).size;
    const damaged = (place: string) =>
      place === textEncoder
        ? Promise.resolve(new Uint8Array(size))
        : readModel(place);
    const shelf = new EncodingShelf(["a"]);
    const options = { textEncoder, contentHashes: ["a"], shelf };
    await assert.rejects(
      textViews(["text"], { ...options, readModel: damaged }),
    );
    const first = await textViews(["text"], options);
    const again = await textViews(["text"], { ...options, readModel: damaged });
    assert.deepEqual(again, first);
  });
});

Deno.test("textViews() makes the token table of an encoder once", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const tokenTables = new Map<string, Matrix>();
    const options = { textEncoder, tokenTables, encodeBudgetMs: 0 };
    const first = await textViews(texts, options);
    assert.deepEqual(await textViews(texts, options), first);
    const [[key, table]] = [...tokenTables] as [[string, Matrix]];
    assert.match(key, /^tokens:/);
    tokenTables.set(key, { ...table, data: table.data.map((x) => 2 * x) });
    const doubled = await textViews(texts, options);
    doubled.views[1]!.features.data.forEach((x, i) =>
      assert.ok(Math.abs(x - 2 * first.views[1]!.features.data[i]!) < 1e-5)
    );
  });
});

Deno.test("textEncoderKey() tells encoders apart by their bytes, not by their place", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const key = await textEncoderKey({ textEncoder });
    const copy = textEncoder.replace("tiny", "copy");
    await Deno.copyFile(textEncoder, copy);
    await Deno.copyFile(
      textEncoder.replace(".onnx", ".vocab.json"),
      copy.replace(".onnx", ".vocab.json"),
    );
    assert.equal(await textEncoderKey({ textEncoder: copy }), key);
    assert.notEqual(await textEncoderKey({}), key);
  });
});

Deno.test("textViews() looks at no text where there are other means and even the cheapest view costs too much", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const characters = texts.reduce((n, text) => n + text.length, 0);
    const cheapMs = 0.04 * texts.length + 3e-4 * characters;
    const seenAt = async (encodeBudgetMs: number, isOptional = true) => {
      const options = { textEncoder, encodeBudgetMs, isOptional };
      const { views, notes } = await textViews([...texts, null], options);
      return { names: views.map((v) => v.name), notes };
    };
    assert.equal((await seenAt(cheapMs * 1.001)).names[0], "tfidf");
    assert.deepEqual(await seenAt(cheapMs * 0.999), {
      names: [],
      notes: [
        "Texts were not looked at: that would take about 0 s, and may take 0 s (ASSAY_ENCODE_BUDGET_S)",
      ],
    });
    assert.equal((await seenAt(cheapMs * 0.999, false)).names.length, 2);
    assert.equal((await seenAt(0)).names.length, 2);
  });
});
