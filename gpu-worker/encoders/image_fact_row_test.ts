import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { imageColumns, imageFactRow, pixelsOf } from "./image_fact_row.ts";
import { imageFacts, luminanceOf } from "./image_facts.ts";
import { imageHash } from "./image_hash.ts";

function image(seed: number) {
  const random = seededRandom(seed);
  const pixels = Uint8Array.from(
    { length: 256 * 256 * 3 },
    () => random() * 256,
  );
  return { pixels, width: 3000 + seed, height: 20 };
}

Deno.test("imageColumns() gives each image its own facts and whole hash", () => {
  const images = [image(1), image(2), image(3)];
  const rows = [null, ...images.map(imageFactRow)];
  const { facts, imageHashes } = imageColumns(rows)!;
  images.forEach(({ pixels, width }, i) => {
    const luminance = luminanceOf(pixels);
    const slow = imageFacts(luminance);
    assert.equal(facts.image_width![i + 1], width);
    assert.equal(facts.image_height![i + 1], 20);
    assert.equal(facts.image_luminance![i + 1], Math.fround(slow.luminance));
    assert.equal(facts.image_contrast![i + 1], Math.fround(slow.contrast));
    assert.equal(facts.image_sharpness![i + 1], Math.fround(slow.sharpness));
    assert.deepEqual(
      [...imageHashes.subarray(2 * i + 2, 2 * i + 4)],
      imageHash(luminance),
    );
    assert.equal(pixelsOf(rows[i + 1]!), width * 20);
  });
  assert.ok(imageHashes.some((word) => word > 2 ** 31), "the highest bit too");
  for (const column of Object.values(facts)) assert.ok(Number.isNaN(column[0]));
  assert.deepEqual([...imageHashes.subarray(0, 2)], [0, 0]);
});

Deno.test("imageColumns() gives nothing of no image", () => {
  assert.equal(imageColumns([]), null);
  assert.equal(imageColumns([null, null]), null);
});
