import assert from "node:assert/strict";
import sharp from "sharp";
import { encodeGraph } from "../graphs/onnx.ts";
import { EncodingShelf } from "./encoding_shelf.ts";
import { type ImageViewOptions, ImageViews } from "./image_views.ts";

/** A quick encoder of 1 MB: nominally .45 ms an image, beside 2 ms for decoding it. */
const MODEL = new Uint8Array(encodeGraph({
  name: "mean_color",
  inputs: { image: ["b", 128, 128, 3] },
  outputs: { embedding: ["b", 3] },
  initializers: {
    unused: { data: new Float32Array(250_000), shape: [250_000] },
  },
  nodes: [
    ["ReduceMean", ["image"], "embedding", { axes: [1, 2], keepdims: 0 }],
  ],
}));
const IMAGE_MS = 2 + 0.45 * MODEL.length / 1e6;

const COLORS = Array.from({ length: 20 }, (_, i) => `rgb(${i * 12},80,40)`);
const HASHES = COLORS.map((_, i) => `hash ${i}`);
const images = await Promise.all(COLORS.map((background) => {
  const create = { width: 8, height: 8, channels: 3 as const, background };
  return sharp({ create }).png().toBuffer().then((b) => new Uint8Array(b));
}));
const BAD = Uint8Array.of(1, 2, 3);

function opened(
  options: ImageViewOptions = {},
  shelf = new EncodingShelf(HASHES),
): ImageViews {
  return new ImageViews(
    { readModel: () => Promise.resolve(MODEL), ...options },
    shelf,
  );
}

Deno.test("ImageViews encodes and measures each image, and names those it cannot decode", async () => {
  const views = opened();
  const { vectors, facts, bad } = await views.look(
    [images[0]!, BAD, images[19]!],
    ["hash 0", "hash 1", null],
  );
  await views.release();
  assert.deepEqual(bad, [1]);
  assert.equal(vectors[1], null);
  assert.equal(facts[1], null);
  assert.deepEqual([...vectors[0]!].map(Math.round), [0, 80, 40]);
  assert.deepEqual([...vectors[2]!].map(Math.round), [228, 80, 40]);
  assert.deepEqual([...facts[2]!.subarray(0, 2)], [8, 8]);
  const { isEncoded, isMeasured, notes } = views.outcome;
  assert.deepEqual([isEncoded, isMeasured], [true, true]);
  assert.match(notes.join(), /can be decoded: 1$/);
});

Deno.test("ImageViews asks nothing twice of a content that is known, and gives the same bits", async () => {
  const shelf = new EncodingShelf(HASHES);
  const first = opened({}, shelf);
  const found = await first.look(images, HASHES);
  await first.release();
  assert.equal(shelf.nMade, 2 * images.length);

  const later = new EncodingShelf(HASHES);
  for (const made of shelf.takeMade()) later.know(made);
  const second = opened({}, later);
  const nobody = images.map(() => BAD); // nothing of it is decoded
  assert.deepEqual(await second.look(nobody, HASHES), found);
  await second.release();
  assert.equal(later.nMade, 0);

  const third = opened({}, later);
  await third.look(images.slice(0, 3), [null, "hash 1", null]);
  await third.release();
  assert.equal(later.nMade, 4, "contents that cannot be told again");
});

Deno.test("ImageViews encodes all images or none, by what they take on a nominal machine", async () => {
  const pixels = 64 * 5e-6;
  const all = images.length * (IMAGE_MS + pixels);
  const measured = images.length * (2 + pixels);
  for (
    const [imageBudgetMs, isEncoded, isMeasured] of [
      [all * 1.001, true, true],
      [all * 0.999, false, true],
      [measured * 1.001, false, true],
      [measured * 0.999, false, false],
    ] as const
  ) {
    for (const nImages of [0, images.length]) {
      const shelf = new EncodingShelf(HASHES);
      for (let round = 0; round < 2; round++) { // known or not
        const views = opened({ imageBudgetMs, nImages }, shelf);
        await views.look(images.slice(0, 7), HASHES.slice(0, 7));
        await views.look(images.slice(7), HASHES.slice(7));
        await views.release();
        const { notes, ...found } = views.outcome;
        assert.deepEqual(found, { isEncoded, isMeasured });
        assert.equal(await views.isLooking(), isMeasured);
        assert.deepEqual(
          notes,
          isEncoded ? [] : [
            `Images were ${
              isMeasured ? "measured, but not encoded" : "not looked at"
            }: for all of them that takes more than the 0 s it may take (15 times ASSAY_ENCODE_BUDGET_S)`,
          ],
        );
      }
    }
  }
});

Deno.test("ImageViews begins nothing that the budget cannot pay for", async () => {
  const shelf = new EncodingShelf(HASHES);
  const views = opened({ imageBudgetMs: 100, nImages: 51 }, shelf);
  assert.equal(await views.isLooking(), false);
  const { facts } = await views.look(images, HASHES);
  assert.ok(facts.every((row) => row === null));
  assert.equal(shelf.nMade, 0);
  await views.release();
});

Deno.test("ImageViews pays a tenth for encoding on a GPU", async () => {
  const nImages = 1000;
  const at = (device: "cpu" | "cuda") => {
    const views = opened({ imageBudgetMs: 2100, nImages, device });
    return views.isLooking().then(() => views.outcome.isEncoded);
  };
  assert.equal(await at("cpu"), false);
  assert.equal(await at("cuda"), true);
});

Deno.test("ImageViews has other keys for another model, the same for measures", async () => {
  const keys = await opened().keys();
  const other = await opened({
    readModel: () => Promise.resolve(Uint8Array.of(1)),
  }).keys();
  assert.deepEqual(Object.keys(keys), ["image", "image_facts"]);
  assert.notEqual(keys.image, other.image);
  assert.equal(keys.image_facts, other.image_facts);
});
