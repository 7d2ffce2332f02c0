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
