import assert from "node:assert/strict";
import sharp from "sharp";
import { withTinyEncoder } from "./testing/tiny_encoder.ts";
import { EncodingShelf } from "./encoding_shelf.ts";
import { encodeViews, MOST_TEXT_LENGTH, ViewEncoder } from "./mod.ts";

const TEXTS = ["free money now", "the meeting is at noon", "free money today"];

async function image(background: string): Promise<Uint8Array> {
  const create = { width: 8, height: 8, channels: 3 as const, background };
  return new Uint8Array(await sharp({ create }).png().toBuffer());
}

function none(n: number): null[] {
  return Array(n).fill(null);
}

function ofTexts(texts: (string | null)[]) {
  const n = texts.length;
  return { texts, images: none(n), features: none(n) };
}

Deno.test("encodeViews() gives a view of each kind there is, with a row for every sample", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const { views, notes } = await encodeViews({
      texts: [...TEXTS, ...TEXTS, null],
      images: [...none(6), await image("#f00")],
      features: [null, [1, 2], ...none(4), [3, 4]],
    }, { textEncoder, encodeBudgetMs: 0 });
    assert.deepEqual(
      views.map(({ name, features: { rows, cols } }) => [name, rows, cols]),
      [["columns", 7, 2], ["tfidf", 7, 1], ["tokens", 7, 8], ["image", 7, 272]],
    );
    for (const { features: { data, rows, cols } } of views) {
      assert.equal(data.length, rows * cols);
      assert.equal(data.byteLength, data.buffer.byteLength); // can be given away
    }
    assert.deepEqual(notes, ["Texts are weighted means of their tokens"]);
  });
});

Deno.test("encodeViews() gives no view of samples that hold nothing", async () => {
  const empty = { views: [], notes: [] };
  assert.deepEqual(await encodeViews(ofTexts([])), empty);
  assert.deepEqual(await encodeViews(ofTexts([null, null])), empty);
});

Deno.test("encodeViews() refuses lists of different lengths", async () => {
  await assert.rejects(
    encodeViews({ texts: [null], images: [], features: [null] }),
    {
      name: "RangeError",
      message:
        /as many images and features as texts \(1\): current value is 0 and 1/,
    },
  );
});

Deno.test("ViewEncoder gives the same in bits and in another order", async () => {
  const [red, blue] = [await image("#f00"), await image("#00f")];
  const samples = {
    texts: [...TEXTS, ...TEXTS],
    images: [null, red, blue, null, null, null],
    features: [[1], null, [2], [3], null, null],
  };
  await withTinyEncoder(async (textEncoder) => {
    const options = { textEncoder, encodeBudgetMs: 0 };
    const encoder = new ViewEncoder(options);
    const backwards = [5, 4, 3, 2, 1, 0];
    for (const i of backwards) {
      await encoder.add({
        texts: [samples.texts[i]!],
        images: [samples.images[i]!],
        features: [samples.features[i]!],
      });
    }
    const found = await encoder.finish(backwards);
    await encoder.release();
    const whole = await encodeViews(samples, options);
    assert.deepEqual(
      found.views.map((v) => v.name),
      whole.views.map((v) => v.name),
    );
    found.views.forEach(({ name, features: { data } }, v) =>
      data.forEach((x, i) => {
        const y = whole.views[v]!.features.data[i]!;
        const isSame = Number.isNaN(x) && Number.isNaN(y) ||
          Math.abs(x - y) < 1e-3 * (1 + Math.abs(y)); // a batch of one image rounds otherwise
        assert.ok(isSame, `${name} ${i}: ${x} is not ${y}`);
      })
    );
  });
});

Deno.test("ViewEncoder keeps samples in their order when they are added at once", async () => {
  const encoder = new ViewEncoder();
  const colors = ["#f00", "#0f0", "#00f", "#fff"];
  const files = await Promise.all(colors.map(image));
  await Promise.all(
    files.map((file, i) =>
      encoder.add({ texts: [null], images: [file], features: [[i]] })
    ),
  );
  const { views } = await encoder.finish();
  await encoder.release();
  const alone = await encodeViews({
    texts: none(4),
    images: files,
    features: colors.map((_, i) => [i]),
  });
  assert.deepEqual(views[0], alone.views[0]);
  const [a, b] = [views[1]!.features.data, alone.views[1]!.features.data];
  a.forEach((x, i) =>
    assert.ok(Math.abs(x - b[i]!) < 1e-3 * (1 + Math.abs(x)))
  );
});

Deno.test("ViewEncoder names images that cannot be decoded, and counts them", async () => {
  const encoder = new ViewEncoder();
  const bad = Uint8Array.of(1, 2, 3);
  const images = [null, bad, await image("#f00"), bad];
  assert.deepEqual(
    await encoder.add({ texts: none(4), images, features: none(4) }),
    [1, 3],
  );
  const { views, notes } = await encoder.finish();
  await encoder.release();
  const { data, cols } = views[0]!.features;
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => Number.isNaN(data[i * cols])),
    [true, true, false, true],
  );
  assert.deepEqual(notes, [
    "Images that are no JPEG, PNG, WebP or GIF that can be decoded: 2",
  ]);
});

Deno.test("ViewEncoder says of how many samples the features do not count", async () => {
  const { notes } = await encodeViews({
    texts: none(3),
    images: none(3),
    features: [[1, 2], [3, 4], [5]],
  });
  assert.deepEqual(notes, [
    "1 of 3 samples have features of another length than 2, which do not count",
  ]);
});

Deno.test("ViewEncoder reads the start of long texts in NFKC, and says so", async () => {
  const long = `${"word ".repeat(MOST_TEXT_LENGTH / 5)} tail tail tail`;
  const expanding = "㌀".repeat(6000); // each is 4 characters in NFKC
  await withTinyEncoder(async (textEncoder) => {
    const options = { textEncoder, encodeBudgetMs: 0 };
    const cut = await encodeViews(
      ofTexts([long, long, long, expanding]),
      options,
    );
    const start = long.slice(0, MOST_TEXT_LENGTH);
    const short = await encodeViews(
      ofTexts([
        start,
        start,
        start,
        expanding.normalize("NFKC").slice(0, MOST_TEXT_LENGTH),
      ]),
      options,
    );
    assert.deepEqual(cut.views, short.views);
    assert.deepEqual(cut.notes.slice(1), [
      `4 texts are longer than ${MOST_TEXT_LENGTH} characters: their start counts`,
    ]);
    assert.equal(short.notes.length, 1);
  });
});

Deno.test("ViewEncoder cuts texts in half until they fit together", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const notesAt = async (mostCharacters: number) => {
      const texts = ["a ".repeat(9000), "b ".repeat(9000), "c c"];
      const { notes } = await encodeViews(ofTexts(texts), {
        textEncoder,
        encodeBudgetMs: 0,
        mostCharacters,
      });
      return notes.slice(1);
    };
    assert.deepEqual(await notesAt(36_003), []);
    for (const [most, length] of [[36_002, 10_000], [20_002, 5000]] as const) {
      assert.deepEqual(await notesAt(most), [
        `2 texts are longer than ${length} characters: their start counts`,
      ]);
    }
  });
});

Deno.test("ViewEncoder ends progress with 1, whatever there was to do", async () => {
  for (const samples of [ofTexts([]), ofTexts([...TEXTS, " "])]) {
    const fractions: number[] = [];
    await encodeViews(samples, { onProgress: (f) => fractions.push(f) });
    assert.equal(fractions.at(-1), 1);
  }
});

Deno.test("ViewEncoder ends when told", async () => {
  const reason = new Error("enough");
  const options = { signal: AbortSignal.abort(reason) };
  await assert.rejects(encodeViews(ofTexts(TEXTS), options), reason);
  await assert.rejects(
    encodeViews(
      { texts: [null], images: [await image("#f00")], features: [null] },
      options,
    ),
    reason,
  );
});

Deno.test("ViewEncoder says which encoder it cannot read", async () => {
  await assert.rejects(
    encodeViews(ofTexts(TEXTS), { textEncoder: "/no/such.onnx" }),
    /\/no\/such.vocab.json/,
  );
});

Deno.test("ViewEncoder gives facts and hashes of images, in the order asked for", async () => {
  const create = { width: 30, height: 20, channels: 3 as const };
  const noise = { type: "gaussian" as const, mean: 128, sigma: 60 };
  const noisy = new Uint8Array(
    await sharp({ create: { ...create, background: "#000", noise } })
      .png().toBuffer(),
  );
  const encoder = new ViewEncoder();
  await encoder.add({
    texts: none(3),
    images: [await image("#fff"), null, noisy],
    features: none(3),
  });
  const { facts, imageHashes } = await encoder.finish([2, 1, 0]);
  await encoder.release();
  assert.deepEqual(facts!.image_width, Float32Array.of(30, NaN, 8));
  assert.deepEqual(facts!.image_height, Float32Array.of(20, NaN, 8));
  assert.ok(facts!.image_contrast![0]! > 0.1);
  assert.ok(Math.abs(facts!.image_luminance![2]! - 1) < 1e-6);
  assert.ok(imageHashes![0] !== 0 || imageHashes![1] !== 0);
  assert.deepEqual([...imageHashes!.subarray(2)], [0, 0, 0, 0]);
  assert.equal(facts!.text_length, undefined);
});

Deno.test("ViewEncoder encodes a content once, whatever else it meets", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const samples = {
      texts: [...TEXTS, null],
      images: [null, null, null, await image("#f00")],
      features: none(4),
      contentHashes: ["a", "b", "c", "d"],
    };
    const run = async (shelf: EncodingShelf) => {
      const encoder = new ViewEncoder({ textEncoder, shelf });
      await encoder.add(samples);
      const found = await encoder.finish();
      await encoder.release();
      return found;
    };
    const wanted = samples.contentHashes;
    const first = new EncodingShelf(wanted);
    const found = await run(first);
    assert.equal(first.nMade, 5); // three texts, an image and its facts
    const second = new EncodingShelf(wanted);
    for (const made of first.takeMade()) second.know(made);
    assert.deepEqual(await run(second), found);
    assert.equal(second.nMade, 0);
  });
});

Deno.test("ViewEncoder keeps no sentence of a text that the rest of the run has cut", async () => {
  await withTinyEncoder(async (textEncoder) => {
    const nMadeAt = async (mostCharacters: number) => {
      const shelf = new EncodingShelf(["a", "b"]);
      const options = { textEncoder, shelf, mostCharacters };
      const encoder = new ViewEncoder(options);
      await encoder.add({
        texts: ["a ".repeat(9000), "b"],
        images: none(2),
        features: none(2),
        contentHashes: ["a", "b"],
      });
      await encoder.finish();
      return shelf.takeMade().length;
    };
    assert.equal(await nMadeAt(18_001), 1);
    assert.equal(await nMadeAt(18_000), 0);
  });
});

Deno.test("ViewEncoder gives images 15 times the budget of texts, where both are a help only", async () => {
  const samples = {
    texts: ["some words", null],
    images: [null, await image("#f00")],
    features: none(2),
  };
  const namesAt = async (options: object) =>
    (await encodeViews(samples, options)).views.map((v) => v.name);
  const words = 0.0176 * 7.101930 * 2; // two tokens
  const picture = (2 + 64 * 5e-6 + 0.45 * 4.974694) / 15;
  assert.ok(picture > words);
  const at = (ms: number) => namesAt({ encodeBudgetMs: ms, isOptional: true });
  assert.deepEqual(await at(picture + 0.01), ["sentence", "image"]);
  assert.deepEqual(await at(picture - 0.01), ["sentence"]);
  assert.deepEqual(await at(words - 0.01), ["tokens"]);
  assert.deepEqual(await namesAt({ encodeBudgetMs: 1e-6 }), [
    "tokens",
    "image",
  ]);
});

Deno.test("ViewEncoder tells the keys of the encoders that it needs", async () => {
  const encoder = new ViewEncoder();
  const kinds = async (texts: boolean, images: boolean) =>
    Object.keys(await encoder.keys({ texts, images }));
  assert.deepEqual(await kinds(false, false), []);
  assert.deepEqual(await kinds(true, false), ["sentence"]);
  assert.deepEqual(await kinds(true, true), [
    "sentence",
    "image",
    "image_facts",
  ]);
});

Deno.test("ViewEncoder takes images that are known without their bytes, all or none", async () => {
  const images = [await image("#f00"), await image("#00f")];
  const hashes = ["red", "blue"];
  const shelf = new EncodingShelf(hashes);
  const first = new ViewEncoder({ shelf });
  await first.add({
    texts: none(3),
    images: [...images, null],
    features: none(3),
    contentHashes: [...hashes, null],
  });
  const found = await first.finish();
  await first.release();

  const known = new EncodingShelf([...hashes, "green"]);
  for (const made of shelf.takeMade()) known.know(made);
  const second = new ViewEncoder({ shelf: known });
  assert.equal(await second.addKnown(["red", "green"]), false);
  assert.equal(await second.addKnown([...hashes, null]), true);
  assert.deepEqual(await second.finish(), found);
  await second.release();
  assert.equal(known.nMade, 0);
});
