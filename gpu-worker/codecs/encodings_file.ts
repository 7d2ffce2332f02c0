import { crc32 } from "node:zlib";
import { decodeArrays, encodeArrays } from "./array_file.ts";

/** Encodings of contents, as they are kept for the next run of their dataset. */
export interface KeptEncodings {
  /** Key of what gave them. */
  readonly encoder: string;
  /** Hashes of whole contents, hex, (n). */
  readonly contentHashes: readonly string[];
  /** Numbers an encoding, above 0. */
  readonly width: number;
  /** One row a content, (n * width,). */
  readonly values: Float32Array<ArrayBuffer>;
}

const HASH_BYTES = 32;

/** The encodings as one file. */
export function encodeEncodings(
  { encoder, contentHashes, width, values }: KeptEncodings,
): Uint8Array<ArrayBuffer> {
  const hashes = new Uint8Array(contentHashes.length * HASH_BYTES);
  contentHashes.forEach((hash, i) =>
    hashes.set(Uint8Array.fromHex(hash), i * HASH_BYTES)
  );
  const checksum = checksumOf(hashes, values);
  return encodeArrays({ encoder, width, checksum }, { hashes, values });
}

/**
 * What {@linkcode encodeEncodings} made.
 *
 * @throws {RangeError} If it was changed, is cut short, does not say what gave it, or has rows of another width than it says.
 */
export function decodeEncodings(file: Uint8Array<ArrayBuffer>): KeptEncodings {
  const { meta, arrays } = decodeArrays(file);
  const { encoder, width, checksum } = meta as Record<string, unknown>;
  const hashes = arrays.hashes as Uint8Array<ArrayBuffer>;
  const values = arrays.values as Float32Array<ArrayBuffer>;
  if (checksumOf(hashes, values) !== checksum) {
    throw damaged("its arrays must have the checksum they were written with");
  }
  if (typeof encoder !== "string") throw damaged("it must name its encoder");
  const n = hashes.length / HASH_BYTES;
  if (
    typeof width !== "number" || !(width > 0) || n * width !== values.length
  ) {
    throw damaged("it must have one row of its width for each content");
  }
  return {
    encoder,
    contentHashes: Array.from(
      { length: n },
      (_, i) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES).toHex(),
    ),
    width,
    values,
  };
}

function damaged(rule: string): RangeError {
  return new RangeError(`Cannot read encodings of a file as ${rule}`);
}

function checksumOf(hashes: Uint8Array, values: Float32Array): number {
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset,
    values.byteLength,
  );
  return crc32(bytes, crc32(hashes));
}
