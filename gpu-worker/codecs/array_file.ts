/** Arrays that a file can hold. */
export type StoredArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

const TYPES = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
};
const ALIGNMENT = 8;

interface Header {
  readonly meta: unknown;
  readonly arrays: readonly {
    readonly name: string;
    readonly type: keyof typeof TYPES;
    readonly offset: number;
    readonly length: number;
  }[];
}

/**
 * Named arrays and a JSON value as one file: what a stage leaves for the next. Little-endian, arrays at multiples of 8 bytes.
 *
 * @param meta Anything JSON can hold.
 * @param arrays By name; copied.
 */
export function encodeArrays(
  meta: unknown,
  arrays: Readonly<Record<string, StoredArray>>,
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const entries = Object.entries(arrays).map(([name, array]) => {
    const entry = {
      name,
      type: array.constructor.name as keyof typeof TYPES,
      offset,
      length: array.length,
    };
    offset += roundUp(array.byteLength);
    return entry;
  });
  const header = new TextEncoder().encode(
    JSON.stringify({ meta, arrays: entries } satisfies Header),
  );
  const start = roundUp(ALIGNMENT + header.length);
  const file = new Uint8Array(start + offset);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, ALIGNMENT);
  for (const [i, array] of Object.values(arrays).entries()) {
    file.set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
      start + entries[i]!.offset,
    );
  }
  return file;
}

/**
 * What {@linkcode encodeArrays} made.
 *
 * @param file The whole file, at the start of its buffer; the arrays are views into it.
 */
export function decodeArrays(
  file: Uint8Array<ArrayBuffer>,
): { meta: unknown; arrays: Record<string, StoredArray> } {
  const length = new DataView(file.buffer).getUint32(0, true);
  const header: Header = JSON.parse(
    new TextDecoder().decode(file.subarray(ALIGNMENT, ALIGNMENT + length)),
  );
  const start = roundUp(ALIGNMENT + length);
  return {
    meta: header.meta,
    arrays: Object.fromEntries(header.arrays.map((entry) => [
      entry.name,
      new TYPES[entry.type](file.buffer, start + entry.offset, entry.length),
    ])),
  };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
