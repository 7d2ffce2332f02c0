import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import { encodeGraph } from "../graphs/onnx.ts";
import { type ImageEncoderSession, openImageEncoder } from "./image_encoder.ts";
import { DEFAULT_MODELS, readModel } from "./model_file.ts";

type Color = [red: number, green: number, blue: number];

/** An encoder whose vector is the mean color of the upper half and of the lower half. */
const HALVES = encodeGraph({
  name: "halves",
  inputs: { image: ["b", 128, 128, 3] },
  outputs: { embedding: ["b", 6] },
  initializers: {
    shape: { data: BigInt64Array.of(0n, 2n, 8192n, 3n), shape: [4] },
    flat: { data: BigInt64Array.of(0n, 6n), shape: [2] },
  },
  nodes: [
    ["Reshape", ["image", "shape"], "halves"], // (b, 2, 8192, 3)
    ["ReduceMean", ["halves"], "means", { axes: [2], keepdims: 0 }], // (b, 2, 3)
    ["Reshape", ["means", "flat"], "embedding"], // (b, 6)
  ],
});

async function withHalves(
  test: (encoder: ImageEncoderSession) => Promise<void>,
): Promise<void> {
  const encoder = await openImageEncoder(HALVES);
  try {
    await test(encoder);
  } finally {
    await encoder.release();
  }
}

/** An image with one color above another. */
function twoColors(
  upper: Color,
  lower: Color,
  channels: 3 | 4 = 3,
  alpha = 255,
) {
  const [width, height] = [40, 60];
  const pixels = new Uint8Array(width * height * channels).fill(alpha);
  for (let i = 0; i < width * height; i++) {
    pixels.set(i < width * height / 2 ? upper : lower, i * channels);
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

const [RED, BLUE]: [Color, Color] = [[200, 40, 40], [30, 40, 180]];

async function bytes(image: Sharp): Promise<Uint8Array> {
  return new Uint8Array(await image.toBuffer());
}

function assertColors(vector: Float32Array | null, colors: number[], most = 4) {
  assert.ok(vector !== null);
  vector.forEach((x, i) =>
    assert.ok(Math.abs(x - colors[i]!) <= most, `${[...vector]}`)
  );
}

/** CRC-32 of PNG, bit by bit. */
function crc32(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) {
      crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
    }
  }
  return ~crc >>> 0;
}

/** A PNG whose header claims another size. */
function claiming(png: Uint8Array, width: number, height: number): Uint8Array {
  const claim = png.slice();
  const view = new DataView(claim.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(claim.subarray(12, 29)));
  return claim;
}

Deno.test("an image encoder reads JPEG, PNG, WebP and GIF", async () => {
  const image = twoColors(RED, BLUE);
  await withHalves(async (encoder) => {
    const vectors = await encoder.encode([
      await bytes(image.clone().jpeg({ quality: 95 })),
      await bytes(image.clone().png()),
      await bytes(image.clone().png({ palette: true })),
      await bytes(image.clone().png({ progressive: true })),
      await bytes(image.clone().webp({ lossless: true })),
      await bytes(image.clone().gif()),
    ]);
    for (const vector of vectors) assertColors(vector, [...RED, ...BLUE], 8);
  });
});

Deno.test("an image encoder turns images as their EXIF says", async () => {
  const upsideDown = twoColors(BLUE, RED).withMetadata({ orientation: 3 });
  const lying = twoColors(RED, BLUE).withMetadata({ orientation: 6 });
  await withHalves(async (encoder) => {
    const [turned, rotated] = await encoder.encode([
      await bytes(upsideDown.jpeg({ quality: 95 })),
      await bytes(lying.jpeg({ quality: 95 })),
    ]);
    assertColors(turned!, [...RED, ...BLUE], 8);
    const mixed = RED.map((x, c) => (x + BLUE[c]!) / 2);
    assertColors(rotated!, [...mixed, ...mixed], 8);
  });
});

Deno.test("an image encoder lays transparent images on white", async () => {
  await withHalves(async (encoder) => {
    const [half, none] = await encoder.encode([
      await bytes(twoColors([0, 0, 0], [255, 0, 0], 4, 51).png()), // a fifth
      await bytes(twoColors(RED, BLUE, 4, 0).png()),
    ]);
    assertColors(half!, [204, 204, 204, 255, 204, 204]);
    assertColors(none!, [255, 255, 255, 255, 255, 255]);
  });
});

Deno.test("an image encoder reads CMYK, 16 bits and grey as 8-bit RGB", async () => {
  const image = twoColors([240, 240, 240], [20, 20, 20]);
  const grey = [240, 240, 240, 20, 20, 20];
  await withHalves(async (encoder) => {
    const [cmyk, deep, flat, flatDeep] = await encoder.encode([
      await bytes(image.clone().toColourspace("cmyk").jpeg({ quality: 95 })),
      await bytes(image.clone().toColourspace("rgb16").png()),
      await bytes(image.clone().greyscale().png()),
      await bytes(image.clone().toColourspace("grey16").png()),
    ]);
    assertColors(cmyk!, grey, 25); // no profile: an approximation
    assertColors(deep!, grey);
    assertColors(flat!, grey);
    assertColors(flatDeep!, grey);
  });
});

Deno.test("an image encoder stretches images of any shape", async () => {
  const create = (width: number, height: number) =>
    bytes(
      sharp({ create: { width, height, channels: 3, background: "#102030" } })
        .png(),
    );
  await withHalves(async (encoder) => {
    for (
      const vector of await encoder.encode([
        await create(1, 1),
        await create(3000, 1),
        await create(1, 3000),
      ])
    ) assertColors(vector, [16, 32, 48, 16, 32, 48], 1);
  });
});

Deno.test("an image encoder gives null for what it cannot decode, and keeps the others in place", async () => {
  const png = await bytes(twoColors(RED, BLUE).png());
  const jpeg = await bytes(twoColors(RED, BLUE).jpeg());
  const bad = {
    empty: new Uint8Array(0),
    text: new TextEncoder().encode("no image"),
    "truncated PNG": png.subarray(0, png.length - 40),
    "truncated JPEG": jpeg.subarray(0, jpeg.length / 2),
    "JPEG header": jpeg.subarray(0, 3),
    "60000 x 60000": claiming(png, 60_000, 60_000),
    "other size": claiming(png, 100, 100),
    SVG: new TextEncoder().encode(
      `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>`,
    ),
    TIFF: await bytes(twoColors(RED, BLUE).tiff()),
    AVIF: await bytes(twoColors(RED, BLUE).avif({ effort: 0 })),
  };
  await withHalves(async (encoder) => {
    for (const [name, file] of Object.entries(bad)) {
      const [first, wrong, last] = await encoder.encode([png, file, png]);
      assert.equal(wrong, null, name);
      assertColors(first!, [...RED, ...BLUE]);
      assertColors(last!, [...RED, ...BLUE]);
    }
    assert.deepEqual(await encoder.encode([bad.SVG]), [null]);
    assert.deepEqual(await encoder.encode([]), []);
  });
});

Deno.test("an image encoder keeps batches apart that run at once", async () => {
  const colors = Array.from({ length: 20 }, (_, i): Color => [10 * i, 50, 99]);
  const files = await Promise.all(
    colors.map((c) => bytes(twoColors(c, c).png())),
  );
  await withHalves(async (encoder) => {
    const [forward, backward] = await Promise.all([
      encoder.encode(files),
      encoder.encode(files.toReversed()),
    ]);
    colors.forEach((color, i) => {
      assertColors(forward![i]!, [...color, ...color], 1);
      assert.deepEqual(forward![i], backward!.at(-1 - i));
    });
  });
});

Deno.test("an image encoder tells of each batch and ends between two", async () => {
  const files = Array(20).fill(await bytes(twoColors(RED, BLUE).png()));
  await withHalves(async (encoder) => {
    const fractions: number[] = [];
    await encoder.encode(files, { onProgress: (f) => fractions.push(f) });
    assert.deepEqual(fractions, [0.8, 1]);
    const reason = new Error("enough");
    await assert.rejects(
      encoder.encode(files, { signal: AbortSignal.abort(reason) }),
      reason,
    );
  });
});

Deno.test("the default image encoder tells images apart by what they show", async () => {
  const encoder = await openImageEncoder(await readModel(DEFAULT_MODELS.image));
  const noise = (seed: number) =>
    sharp(
      Uint8Array.from(
        { length: 64 * 64 * 3 },
        (_, i) => Math.imul(i + seed, 2654435761) >>> 24,
      ),
      { raw: { width: 64, height: 64, channels: 3 } },
    );
  const vectors = await encoder.encode([
    await bytes(twoColors(RED, BLUE).png()),
    await bytes(twoColors(RED, BLUE).jpeg({ quality: 90 })),
    await bytes(noise(1).png()),
    await bytes(noise(9999).png()),
  ]);
  await encoder.release();
  const cosine = (i: number, j: number) => {
    const [a, b] = [vectors[i]!, vectors[j]!];
    const dot = (x: Float32Array, y: Float32Array) =>
      x.reduce((sum, value, d) => sum + value * y[d]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  assert.equal(vectors[0]!.length, 272);
  assert.ok(vectors.every((v) => v!.every(Number.isFinite)));
  assert.ok(
    cosine(0, 1) > cosine(0, 2) + 0.05,
    `${cosine(0, 1)} ${cosine(0, 2)}`,
  );
  assert.ok(cosine(2, 3) > cosine(0, 2) + 0.05);
});

Deno.test("an image encoder refuses models that break the contract", async () => {
  const encoder = await openImageEncoder(encodeGraph({
    name: "flat",
    inputs: { image: ["b", 128, 128, 3] },
    outputs: { embedding: [3] },
    nodes: [[
      "ReduceMean",
      ["image"],
      "embedding",
      { axes: [0, 1, 2], keepdims: 0 },
    ]],
  }));
  const png = await bytes(twoColors(RED, BLUE).png());
  await assert.rejects(encoder.encode([png, png]), {
    name: "RangeError",
    message: /"embedding" must be float32 \(2, width\): current value is \(3\)/,
  });
  await encoder.release();
  await assert.rejects(openImageEncoder(Uint8Array.of(1, 2, 3)));
});
