import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import { hammingDistance } from "../kernels/hamming_distance.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { decodeImages } from "./image_pixels.ts";
import { luminanceOf } from "./image_facts.ts";
import { imageHash } from "./image_hash.ts";

/** Pixels of a made scene, RGB, (96 * 96 * 3,): bright and dark discs on a slope. */
function scene(seed: number): Uint8Array {
  const random = seededRandom(seed);
  const side = 96;
  const discs = Array.from({ length: 12 }, () => ({
    x: random() * side,
    y: random() * side,
    radius: 5 + random() * 25,
    color: [random() * 200, random() * 200, random() * 200],
  }));
  const pixels = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const disc = discs.find((d) => Math.hypot(d.x - x, d.y - y) < d.radius);
    pixels.set(disc?.color ?? [x * 2, y, 120], i * 3);
  }
  return pixels;
}

const RAW = { raw: { width: 96, height: 96, channels: 3 as const } };

async function hashOf(image: Sharp): Promise<[number, number]> {
  const [found] = await decodeImages([new Uint8Array(await image.toBuffer())]);
  return imageHash(luminanceOf(found!.pixels));
}

function differing(a: [number, number], b: [number, number]): number {
  return hammingDistance(Uint32Array.of(...a, ...b), 0, 1);
}

/** The same by the formula of the two-dimensional cosine transform, without a shortcut. */
function slowHash(luminance: Float32Array, side: number): bigint {
  const cell = side / 32;
  const mean = (y: number, x: number) => {
    let sum = 0;
    for (let dy = 0; dy < cell; dy++) {
      for (let dx = 0; dx < cell; dx++) {
        sum += luminance[(y * cell + dy) * side + x * cell + dx]!;
      }
    }
    return sum / cell / cell;
  };
  const wave = (frequency: number, x: number) =>
    Math.cos((2 * x + 1) * frequency * Math.PI / 64);
  const found: number[] = [];
  for (let v = 1; v <= 8; v++) {
    for (let u = 1; u <= 8; u++) {
      let sum = 0;
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) {
          sum += mean(y, x) * wave(v, y) * wave(u, x);
        }
      }
      found.push(sum);
    }
  }
  const sorted = found.toSorted((a, b) => a - b);
  const median = (sorted[31]! + sorted[32]!) / 2;
  return found.reduce((bits, x) => bits << 1n | BigInt(x > median), 0n);
}

Deno.test("imageHash() gives what the formula gives", () => {
  const random = seededRandom(5);
  for (const side of [32, 64, 32, 32]) {
    const luminance = Float32Array.from({ length: side * side }, random);
    const [high, low] = imageHash(luminance, side);
    assert.equal(BigInt(high) << 32n | BigInt(low), slowHash(luminance, side));
  }
});

Deno.test("imageHash() keeps to 6 bits whatever is done to an image that eyes do not mind", async () => {
  const distances: number[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const image = sharp(scene(seed), RAW);
    const plain = await hashOf(image.clone().png());
    for (
      const changed of [
        image.clone().jpeg({ quality: 75 }),
        image.clone().jpeg({ quality: 40 }),
        image.clone().resize(192, 192).png(),
        image.clone().resize(64, 64).webp({ quality: 80 }),
        image.clone().resize(200, 100, { fit: "fill" }).png(),
        image.clone().linear(0.8, 0).png(),
        image.clone().linear(0.9, 25).jpeg({ quality: 60 }),
        image.clone().greyscale().png(),
      ]
    ) distances.push(differing(plain, await hashOf(changed)));
  }
  const near = distances.filter((d) => d <= 6).length;
  assert.ok(near >= 0.95 * distances.length, `${distances}`);
});

Deno.test("imageHash() tells other images apart", async () => {
  const hashes: [number, number][] = [];
  for (let seed = 0; seed < 24; seed++) {
    hashes.push(await hashOf(sharp(scene(seed), RAW).png()));
  }
  const distances = hashes.flatMap((a, i) =>
    hashes.slice(0, i).map((b) => differing(a, b))
  );
  assert.ok(
    distances.filter((d) => d > 6).length >= 0.98 * distances.length,
    `${distances}`,
  );
});

Deno.test("imageHash() gives no hash of a blank image, whatever its color", async () => {
  for (const background of ["#fff", "#000", "#39c"]) {
    const create = { width: 40, height: 30, channels: 3 as const, background };
    assert.deepEqual(await hashOf(sharp({ create }).jpeg()), [0, 0]);
  }
});
