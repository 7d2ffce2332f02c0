import assert from "node:assert/strict";
import { decodeNpy, encodeNpy } from "./npy.ts";

Deno.test("decodeNpy() reads what numpy wrote", () => {
  // np.save of np.array([[1, 2], [3, -4]], np.float16)
  const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }"
    .padEnd(117) + "\n";
  const bytes = Uint8Array.of(
    ...[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0],
    ...new TextEncoder().encode(header),
    ...[0, 0x3c, 0, 0x40, 0, 0x42, 0, 0xc4],
  );
  const { data, shape } = decodeNpy(bytes);
  assert.deepEqual(data, Float16Array.of(1, 2, 3, -4));
  assert.deepEqual(shape, [2, 2]);
});

Deno.test("encodeNpy() writes what decodeNpy() reads, values at a multiple of 64", () => {
  for (
    const data of [
      Float32Array.of(1.5, 2),
      Float64Array.of(0.1, -0),
      Int32Array.of(-1, 7),
      Uint8Array.of(0, 255),
    ]
  ) {
    for (const shape of [[2], [2, 1]]) {
      const bytes = encodeNpy({ data, shape });
      assert.equal((bytes.length - data.byteLength) % 64, 0);
      assert.deepEqual(decodeNpy(new Uint8Array(bytes)), { data, shape });
    }
  }
});

Deno.test("decodeNpy() refuses other files", () => {
  const good = encodeNpy({ data: Int32Array.of(1), shape: [1] });
  const other = new Uint8Array(good).fill(0, 0, 1);
  assert.throws(() => decodeNpy(other), /Cannot read array as it must be .npy/);
});
