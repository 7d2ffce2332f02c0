import assert from "node:assert/strict";
import { decodeArrays, encodeArrays } from "./array_file.ts";

Deno.test("decodeArrays() gives back what encodeArrays() was given", () => {
  const meta = { names: ["ä", null], n: 0.5 };
  const arrays = {
    a: Float32Array.of(1, NaN),
    b: Int8Array.of(-1),
    c: new Float64Array(0),
    d: BigInt64Array.of(2n ** 60n),
  };
  assert.deepEqual(decodeArrays(encodeArrays(meta, arrays)), { meta, arrays });
});

Deno.test("decodeArrays() refuses a file that is cut short, longer, or changed in its header", () => {
  const file = encodeArrays({ n: 1 }, { a: Float32Array.of(1, 2, 3) });
  const refused = { name: "RangeError", message: /^Cannot read arrays/ };
  for (let length = 0; length < file.length; length++) {
    assert.throws(() => decodeArrays(file.slice(0, length)), refused);
  }
  assert.throws(() => decodeArrays(Uint8Array.from([...file, 0])), refused);
  const changed = file.slice();
  changed[12]! ^= 1;
  assert.throws(() => decodeArrays(changed), refused);
});
