import assert from "node:assert/strict";
import {
  type NpyData,
  readNpy,
  readNpyLabels,
  readNpyMatrix,
  writeNpy,
} from "./npy.ts";

/** As NumPy 2.4 writes `np.array([[1.5, -2]], dtype="<f8")`. */
const NUMPY =
  `\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }`
    .padEnd(127, " ") + "\n";

async function withFile(work: (file: string) => Promise<void>) {
  const file = await Deno.makeTempFile();
  try {
    await work(file);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("readNpyMatrix() reads what NumPy writes", () =>
  withFile(async (file) => {
    const values = new Uint8Array(Float64Array.of(1.5, -2).buffer);
    const header = Uint8Array.from(NUMPY, (c) => c.charCodeAt(0));
    await Deno.writeFile(file, Uint8Array.of(...header, ...values));
    assert.deepEqual(await readNpyMatrix(file), {
      data: Float32Array.of(1.5, -2),
      rows: 1,
      cols: 2,
    });
  }));

Deno.test("readNpy() reads what writeNpy() writes", () =>
  withFile(async (file) => {
    const arrays: [NpyData, number[]][] = [
      [Float32Array.of(1, 2, 3, 4), [2, 2]],
      [Uint8Array.of(1, 2, 3), [3]],
      [BigInt64Array.of(-5n), [1, 1, 1]],
    ];
    for (const [data, shape] of arrays) {
      await writeNpy(file, { data, shape });
      assert.deepEqual(await readNpy(file), { data, shape });
    }
    assert.deepEqual(await readNpyLabels(file), Int32Array.of(-5));
  }));
