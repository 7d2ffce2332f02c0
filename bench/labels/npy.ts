/** An array in a `.npy` file: numpy's own format, rows one after the other. */
export interface Npy<T> {
  /** Its values. */
  readonly data: T;
  /** Its size in each direction. */
  readonly shape: readonly number[];
}

/** What is read and written. */
export type NpyData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array;

const KINDS = {
  "<f2": Float16Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
  "<i4": Int32Array,
  "|u1": Uint8Array,
} as const;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** Headers end where values may lie. */
const ALIGNMENT = 64;

/**
 * The array of a `.npy` file.
 *
 * @param bytes The whole file, of version 1, little-endian and in C order.
 * @throws {TypeError} If it is another kind of file or of values.
 */
export function decodeNpy(bytes: Uint8Array<ArrayBuffer>): Npy<NpyData> {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const size = view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(
    bytes.subarray(10, 10 + size),
  );
  const kind = header.match(/'descr': '([^']+)'/)?.[1] ?? "";
  const Kind = KINDS[kind as keyof typeof KINDS];
  if (
    MAGIC.some((b, i) => bytes[i] !== b) || !Kind ||
    !header.includes("'fortran_order': False")
  ) {
    throw new TypeError(
      `Cannot read array as it must be .npy of ${
        Object.keys(KINDS).join(", ")
      }: current value is "${kind || header.slice(0, 20)}"`,
    );
  }
  const shape = [
    ...header.match(/'shape': \(([^)]*)\)/)![1]!.matchAll(/\d+/g),
  ].map(Number);
  const start = bytes.byteOffset + 10 + size;
  return {
    data: new Kind(bytes.buffer.slice(start, bytes.byteOffset + bytes.length)),
    shape,
  };
}

/** A `.npy` file of an array. */
export function encodeNpy({ data, shape }: Npy<NpyData>): Uint8Array {
  const kind = Object.entries(KINDS).find(([, K]) => data instanceof K)![0];
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header =
    `{'descr': '${kind}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(length + data.byteLength).fill(0x20, 0, length);
  out.set(MAGIC);
  out.set([1, 0], 6);
  new DataView(out.buffer).setUint16(8, length - 10, true);
  out.set(new TextEncoder().encode(header), 10);
  out[length - 1] = 0x0a;
  out.set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    length,
  );
  return out;
}

/** The array in a file. */
export async function readNpy(path: string): Promise<Npy<NpyData>> {
  return decodeNpy(await Deno.readFile(path));
}

/** Writes an array to a file. */
export async function writeNpy(
  path: string,
  array: Npy<NpyData>,
): Promise<void> {
  await Deno.writeFile(path, encodeNpy(array));
}
