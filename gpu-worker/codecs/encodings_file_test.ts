import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { encodeArrays } from "./array_file.ts";
import { decodeEncodings, encodeEncodings } from "./encodings_file.ts";

const ENCODINGS = {
  encoder: "sentence:2:00",
  contentHashes: ["a1", "00", "ff"].map((byte) => byte.repeat(32)),
  width: 2,
  values: Float32Array.of(1, 2, -0.5, Infinity, 0, 3),
};

Deno.test("decodeEncodings() gives back what encodeEncodings() was given", () => {
  assert.deepEqual(decodeEncodings(encodeEncodings(ENCODINGS)), ENCODINGS);
  const none = {
    ...ENCODINGS,
    contentHashes: [],
    width: 4,
    values: new Float32Array(),
  };
  assert.deepEqual(decodeEncodings(encodeEncodings(none)), none);
});

Deno.test("decodeEncodings() refuses a file with any byte changed, or cut", () => {
  const file = encodeEncodings(ENCODINGS);
  const header = new DataView(file.buffer).getUint32(0, true);
  const arrays = 8 * Math.ceil((8 + header) / 8);
  for (let at = 8; at < file.length; at++) {
    if (at >= 8 + header && at < arrays) continue; // between the two is nothing
    const changed = file.slice();
    changed[at]! ^= 1;
    assert.throws(() => decodeEncodings(changed), `byte ${at}`);
  }
  for (const length of [0, 20, file.length - 8]) {
    assert.throws(() => decodeEncodings(file.slice(0, length)));
  }
});

Deno.test("decodeEncodings() refuses what does not say what gave it, and rows of another width than is said", () => {
  const hashes = new Uint8Array(3 * 32);
  const values = new Float32Array(6);
  const checksum = crc32(new Uint8Array(values.buffer), crc32(hashes));
  const whole = { encoder: "sentence:2:00", width: 2, checksum };
  const read = (meta: object) =>
    decodeEncodings(encodeArrays(meta, { hashes, values })).width;
  assert.equal(read(whole), 2);
  const { encoder: _, ...unnamed } = whole;
  assert.throws(() => read(unnamed), /name its encoder/);
  for (const width of [3, 0, undefined]) {
    assert.throws(() => read({ ...whole, width }), /one row of its width/);
  }
});
