import { crc32 } from "node:zlib";

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
 * Named arrays and a JSON value as one file: what a stage leaves for the next. Little-endian: length and CRC-32 of the header, the header,
 * arrays at multiples of 8 bytes.
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
  const view = new DataView(file.buffer);
  view.setUint32(0, header.length, true);
  view.setUint32(4, crc32(header), true);
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
 * @throws {RangeError} If it is cut short, or its header was changed.
 */
export function decodeArrays(
  file: Uint8Array<ArrayBuffer>,
): { meta: unknown; arrays: Record<string, StoredArray> } {
  if (file.length < ALIGNMENT) throw damaged("its header must be whole");
  const view = new DataView(file.buffer);
  const length = view.getUint32(0, true);
  const text = file.subarray(ALIGNMENT, ALIGNMENT + length);
  if (text.length !== length) throw damaged("its header must be whole");
  const checksum = view.getUint32(4, true);
  if (checksum !== 0 && checksum !== crc32(text)) { // 0: written before there was one
    throw damaged("its header must have the checksum it was written with");
  }
  const header: Header = JSON.parse(new TextDecoder().decode(text));
  const start = roundUp(ALIGNMENT + length);
  let end = start;
  const arrays = header.arrays.map(({ name, type, offset, length }) => {
    const Type = TYPES[type];
    end = Math.max(
      end,
      start + offset + roundUp(length * Type.BYTES_PER_ELEMENT),
    );
    if (end > file.length) throw damaged("its arrays must be whole");
    return [name, new Type(file.buffer, start + offset, length)] as const;
  });
  if (end !== file.length) throw damaged("it must end with its arrays");
  return { meta: header.meta, arrays: Object.fromEntries(arrays) };
}

function damaged(rule: string): RangeError {
  return new RangeError(`Cannot read arrays of a file as ${rule}`);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
