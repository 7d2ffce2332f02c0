import assert from "node:assert/strict";
import lz4 from "lz4js";
import { decodeLz4Frame } from "./lz4_frame.ts";

function seeded(n: number, letters: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: n }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % letters;
  });
}

const SAMPLES: Record<string, Uint8Array> = {
  "one byte": Uint8Array.of(7),
  "a long run": new Uint8Array(300_000).fill(5),
  "bytes that do not shrink": seeded(70_000, 256),
  "few letters": seeded(200_000, 3),
  "more than a block": seeded(9_000_000, 2),
};

Deno.test("decodeLz4Frame() gives back what another implementation packed", () => {
  for (const [name, bytes] of Object.entries(SAMPLES)) {
    const frame = lz4.compress(bytes);
    assert.deepEqual(decodeLz4Frame(frame, bytes.length), bytes, name);
  }
});

Deno.test("decodeLz4Frame() reads a match that overlaps itself, over the border of a block", () => {
  const block = (...bytes: number[]) => [bytes.length, 0, 0, 0, ...bytes];
  const frame = Uint8Array.of(
    0x04,
    0x22,
    0x4d,
    0x18,
    0x40, // linked blocks
    0x40,
    0,
    ...block(0x20, 1, 2), // two literals
    ...block(0x02, 2, 0, 0x10, 9), // six bytes from two back, then one literal
    0,
    0,
    0,
    0,
  );
  assert.deepEqual(
    [...decodeLz4Frame(frame, 9)],
    [1, 2, 1, 2, 1, 2, 1, 2, 9],
  );
});

Deno.test("decodeLz4Frame() refuses a frame that is cut short, or of another size", () => {
  const bytes = seeded(500, 4);
  const frame: Uint8Array = lz4.compress(bytes);
  for (let end = 0; end < frame.length; end++) {
    assert.throws(
      () => decodeLz4Frame(frame.subarray(0, end), bytes.length),
      RangeError,
      `${end}`,
    );
  }
  for (const size of [0, 499, 501]) {
    assert.throws(() => decodeLz4Frame(frame, size), RangeError);
  }
});
