import assert from "node:assert/strict";
import { decodeEncodings, encodeEncodings } from "./encodings_file.ts";

const ENCODINGS = {
  contentHashes: ["a1", "00", "ff"].map((byte) => byte.repeat(32)),
  width: 2,
  values: Float32Array.of(1, 2, -0.5, Infinity, 0, 3),
};

Deno.test("decodeEncodings() gives back what encodeEncodings() was given", () => {
  assert.deepEqual(decodeEncodings(encodeEncodings(ENCODINGS)), ENCODINGS);
  const none = { contentHashes: [], width: 4, values: new Float32Array() };
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
