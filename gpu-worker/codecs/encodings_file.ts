import { crc32 } from "node:zlib";
import { decodeArrays, encodeArrays } from "./array_file.ts";

/** Encodings of contents, as they are kept for the next run of their dataset. */
export interface KeptEncodings {
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
  { contentHashes, width, values }: KeptEncodings,
): Uint8Array<ArrayBuffer> {
  const hashes = new Uint8Array(contentHashes.length * HASH_BYTES);
  contentHashes.forEach((hash, i) =>
    hashes.set(Uint8Array.fromHex(hash), i * HASH_BYTES)
  );
  const checksum = checksumOf(hashes, values);
  return encodeArrays({ width, checksum }, { hashes, values });
}

/**
 * What {@linkcode encodeEncodings} made.
 *
 * @throws {RangeError} If it was changed, or is cut short.
 */
export function decodeEncodings(file: Uint8Array<ArrayBuffer>): KeptEncodings {
  const { meta, arrays } = decodeArrays(file);
  const { width, checksum } = meta as { width: number; checksum: number };
  const hashes = arrays.hashes as Uint8Array<ArrayBuffer>;
  const values = arrays.values as Float32Array<ArrayBuffer>;
  if (checksumOf(hashes, values) !== checksum) {
    throw new RangeError(
      "Cannot read encodings of a file as its arrays must have the checksum they were written with",
    );
  }
  return {
    contentHashes: Array.from(
      { length: hashes.length / HASH_BYTES },
      (_, i) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES).toHex(),
    ),
    width,
    values,
  };
}

function checksumOf(hashes: Uint8Array, values: Float32Array): number {
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset,
    values.byteLength,
  );
  return crc32(bytes, crc32(hashes));
}
