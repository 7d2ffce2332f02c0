import { zstdDecompressSync } from "node:zlib";
import {
  CompressionType,
  setCompressionCodec,
  tableFromIPC,
} from "@uwdata/flechette";
import { AppError } from "@shared/errors.ts";
import lz4 from "lz4js";
import type { RowTable } from "./row_table.ts";

const MOST_BUFFER_BYTES = 512 * 1024 ** 2;

setCompressionCodec(CompressionType.LZ4_FRAME, {
  encode: (bytes) => lz4.compress(bytes),
  decode: (bytes) => lz4.decompress(bytes, MOST_BUFFER_BYTES),
});
setCompressionCodec(CompressionType.ZSTD, {
  encode: () => {
    throw new RangeError(
      "Cannot compress with ZSTD as nothing here asks for it",
    );
  },
  decode: (bytes) =>
    zstdDecompressSync(bytes, { maxOutputLength: MOST_BUFFER_BYTES }),
});

/**
 * Rows of an Arrow IPC stream, its bodies LZ4, ZSTD or plain.
 *
 * @param bytes The stream.
 * @throws {AppError} `unusable_input` if it is none, or is cut short.
 */
export function decodeArrow(bytes: Uint8Array<ArrayBuffer>): RowTable {
  let table: ReturnType<typeof tableFromIPC>;
  try {
    table = tableFromIPC(bytes, { useBigInt: true });
  } catch (error) {
    throw new AppError(
      "unusable_input",
      `it is no whole Arrow IPC stream (${(error as Error).message})`,
      { cause: error },
    );
  }
  const columns = new Map(
    table.names.map((name) => [String(name), table.getChild(name)!]),
  );
  return {
    nRows: table.numRows,
    names: [...columns.keys()],
    cell: (name, row) => columns.get(name)?.at(row) ?? null,
    unreadable: [],
  };
}
