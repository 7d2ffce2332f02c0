import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { openImageEncoder } from "../../gpu-worker/encoders/image_encoder.ts";
import { encodeGraph } from "../../gpu-worker/graphs/onnx.ts";
import { damaged, testProperty } from "./property.ts";

const MEAN_COLOR = encodeGraph({
  name: "mean_color",
  inputs: { image: ["b", 128, 128, 3] },
  outputs: { embedding: ["b", 3] },
  nodes: [[
    "ReduceMean",
    ["image"],
    "embedding",
    { axes: [1, 2], keepdims: 0 },
  ]],
});
const [WIDTH, HEIGHT] = [24, 16];
const PIXELS = Uint8Array.from(
  { length: WIDTH * HEIGHT * 3 },
  (_, i) => (i * i) % 256,
);

async function imageAs(
  format: "png" | "jpeg" | "webp" | "gif",
): Promise<Uint8Array<ArrayBuffer>> {
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 as const };
  return new Uint8Array(
    await sharp(PIXELS, { raw }).toFormat(format).toBuffer(),
  );
}

/** Means of the colors, or null where it is no image. */
async function encoded(
  images: readonly Uint8Array[],
): Promise<(Float32Array | null)[]> {
  const encoder = await openImageEncoder(MEAN_COLOR);
  try {
    const vectors = await encoder.encode(images);
    assert.equal(vectors.length, images.length);
    for (const vector of vectors) {
      if (vector === null) continue;
      assert.equal(vector.length, 3);
      assert.ok(vector.every((x) => x >= 0 && x <= 255), `${vector}`);
    }
    return vectors;
  } finally {
    await encoder.release();
  }
}

for (const format of ["png", "jpeg", "webp", "gif"] as const) {
  const whole = await imageAs(format);
  testProperty(
    `a damaged ${format} is an image or none, and the one beside it is what it was`,
    fc.array(damaged(whole), { minLength: 4, maxLength: 12 }),
    async (images) => {
      const [alone] = await encoded([whole]);
      const vectors = await encoded([...images, whole]);
      assert.deepEqual(vectors.at(-1), alone);
    },
    12,
  );
}

/** A PNG chunk with a right checksum. */
function chunk(type: string, data: readonly number[]): number[] {
  const body = [...new TextEncoder().encode(type), ...data];
  return [...word(data.length), ...body, ...word(crc32(Uint8Array.from(body)))];
}

function word(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}

/** A PNG that claims a size, with the pixels of none. */
function claimedPng(width: number, height: number): Uint8Array {
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...word(width), ...word(height), 8, 2, 0, 0, 0]),
    ...chunk("IDAT", [0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]),
    ...chunk("IEND", []),
  ]);
}

Deno.test("images that claim to be huge, or are of a type that can read files, are none", async () => {
  const text = (given: string) => new TextEncoder().encode(given);
  const hostile = [
    new Uint8Array(0),
    claimedPng(100_000, 100_000),
    claimedPng(2 ** 31 - 1, 2 ** 31 - 1),
    claimedPng(0, 0),
    text(
      '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>',
    ),
    text("push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/'"),
    text("%PDF-1.4"),
    text("P6\n100000 100000\n255\n"),
    text("II*\0\x08\0\0\0"),
    text("GIF89a\xff\xff\xff\xff"),
    text("RIFF\xff\xff\xff\xffWEBPVP8 "),
  ];
  const whole = await imageAs("png");
  const vectors = await encoded([...hostile, whole]);
  assert.ok(vectors.slice(0, -1).every((vector) => vector === null));
  assert.notEqual(vectors.at(-1), null);
});

Deno.test("an image of many pixels in few bytes is read once it is below the limit, else it is none", async () => {
  const flat = async (side: number) =>
    new Uint8Array(
      await sharp({
        create: { width: side, height: side, channels: 3, background: "#123" },
        limitInputPixels: false,
      }).png({ compressionLevel: 9 }).toBuffer(),
    );
  const [read, refused] = await Promise.all([flat(4_000), flat(9_000)]);
  assert.ok(refused!.length < 2 ** 20);
  const vectors = await encoded([read!, refused!]);
  assert.deepEqual([...vectors[0]!].map(Math.round), [17, 34, 51]);
  assert.equal(vectors[1], null);
});
