import type { Matrix } from "../gpu-worker/kernels/matrix.ts";

const TYPES = {
  "<f2": Float16Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
  "<i4": Int32Array,
  "<i8": BigInt64Array,
  "|u1": Uint8Array,
  "|i1": Int8Array,
  "<u4": Uint32Array,
} as const;

/** Arrays that a `.npy` file can hold here. */
export type NpyData =
  | Float16Array
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Uint32Array;

/** An array with its shape. */
export interface NpyArray {
  /** Values in row-major order. */
  readonly data: NpyData;
  /** Dimensions. */
  readonly shape: readonly number[];
}

/**
 * Reads a `.npy` file (NumPy's format 1 to 3), little-endian and in row-major order.
 *
 * @throws {RangeError} If it is something else.
 */
export async function readNpy(file: string | URL): Promise<NpyArray> {
  const bytes = await readAll(file);
  const view = new DataView(bytes.buffer);
  const isLong = bytes[6]! > 1;
  const start = isLong ? 12 : 10;
  const end = start +
    (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr': '([^']*)'/.exec(header)?.[1];
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1]?.match(/\d+/g) ?? [];
  if (!type || !(type in TYPES) || header.includes("'fortran_order': True")) {
    throw new RangeError(
      `Cannot read ${file} as it must hold rows of ${
        Object.keys(TYPES)
      }: current value is ${header}`,
    );
  }
  const Type = TYPES[type as keyof typeof TYPES];
  const length = shape.reduce((n, size) => n * Number(size), 1);
  const isAligned = end % Type.BYTES_PER_ELEMENT === 0;
  const data = isAligned
    ? new Type(bytes.buffer, end, length)
    : new Type(bytes.slice(end).buffer, 0, length);
  return { data, shape: shape.map(Number) };
}

/** As `Deno.readFile()`, which holds a large file twice. */
async function readAll(file: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  using opened = await Deno.open(file);
  const bytes = new Uint8Array((await opened.stat()).size);
  for (let at = 0; at < bytes.length;) {
    const n = await opened.read(bytes.subarray(at));
    if (n === null) throw new Error(`Cannot read ${file}: it got shorter`);
    at += n;
  }
  return bytes;
}

/** Reads a two-dimensional `.npy` file as float32. */
export async function readNpyMatrix(file: string | URL): Promise<Matrix> {
  const { data, shape: [rows, cols] } = await readNpy(file);
  return {
    data: data instanceof Float32Array
      ? data
      : Float32Array.from(data as Float64Array),
    rows: rows!,
    cols: cols!,
  };
}

/** Reads labels, whatever their integer type. */
export async function readNpyLabels(file: string | URL): Promise<Int32Array> {
  const { data } = await readNpy(file);
  if (data instanceof Int32Array) return data;
  const labels = new Int32Array(data.length); // from() would keep them all as objects first
  for (let i = 0; i < labels.length; i++) labels[i] = Number(data[i]!);
  return labels;
}

/** Writes a `.npy` file. */
export async function writeNpy(
  file: string | URL,
  { data, shape }: NpyArray,
): Promise<void> {
  const type = Object.entries(TYPES).find(([, Type]) => data instanceof Type)![
    0
  ];
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const said =
    `{'descr': '${type}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const length = Math.ceil((10 + said.length + 1) / 64) * 64;
  const header = new Uint8Array(length).fill(32);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(header.buffer).setUint16(8, length - 10, true);
  header.set(new TextEncoder().encode(said), 10);
  header[length - 1] = 10;
  using out = await Deno.open(file, {
    create: true,
    write: true,
    truncate: true,
  });
  const writer = out.writable.getWriter();
  await writer.write(header);
  await writer.write(
    new Uint8Array(
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    ),
  );
  await writer.close();
}
