import { zstdDecompressSync } from "node:zlib";
import {
  type Codec,
  CompressionType,
  setCompressionCodec,
  tableFromIPC,
} from "@uwdata/flechette";
import { AppError } from "@shared/errors.ts";
import {
  checkBatch,
  checkEnvelope,
  type ColumnBatch,
  MOST_BYTES,
  MOST_ROWS,
} from "./arrow_layout.ts";
import { decodeLz4Frame } from "./lz4_frame.ts";
import type { RowTable } from "./row_table.ts";

/** Bytes that the part in hand may still grow by; decoding is synchronous, so there is one part in hand. */
let budget = 0;

/** A codec that unpacks no more than its container says, and than the part may grow by. */
function bounded(
  decode: (bytes: Uint8Array, size: number) => Uint8Array,
): Codec {
  return {
    encode() {
      throw new RangeError("Cannot compress as nothing here asks for it");
    },
    decode(bytes, size) {
      if (!(size >= 0 && size <= budget)) {
        throw new RangeError(
          `its bodies must not grow past ${MOST_BYTES} bytes when unpacked`,
        );
      }
      budget -= size;
      const whole = decode(bytes, size);
      if (whole.length !== size) throw new RangeError("a body is cut short");
      return whole;
    },
  };
}

/** Reads LZ4 and ZSTD bodies from now on. */
export function registerCodecs(): void {
  setCompressionCodec(CompressionType.LZ4_FRAME, bounded(decodeLz4Frame));
  setCompressionCodec(
    CompressionType.ZSTD,
    bounded((bytes, size) =>
      size === 0
        ? new Uint8Array(0)
        : new Uint8Array(zstdDecompressSync(bytes, { maxOutputLength: size }))
    ),
  );
}
registerCodecs();

/**
 * Rows of an Arrow IPC stream, its bodies LZ4, ZSTD or plain.
 *
 * @param bytes The stream.
 * @throws {AppError} `unusable_input` if it is none, or is cut short.
 */
export function decodeArrow(bytes: Uint8Array<ArrayBuffer>): RowTable {
  budget = MOST_BYTES;
  const table = orDamaged(() => {
    checkEnvelope(bytes);
    const table = tableFromIPC(bytes, { useBigInt: true });
    for (const { data } of table.children) {
      for (const batch of data) checkBatch(batch as unknown as ColumnBatch);
    }
    return table;
  });
  if (table.numRows > MOST_ROWS) {
    throw new AppError(
      "unusable_input",
      `it must have at most ${MOST_ROWS} rows: current value is ${table.numRows}`,
    );
  }
  const columns = new Map(
    table.names.map((name) => [String(name), table.getChild(name)!]),
  );
  return {
    nRows: table.numRows,
    names: [...columns.keys()],
    cell: (name, row) => orDamaged(() => columns.get(name)?.at(row) ?? null),
    unreadable: [],
  };
}

/** Offsets that point elsewhere show only when they are followed. */
function orDamaged<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new AppError(
      "unusable_input",
      `it is no whole Arrow IPC stream (${(error as Error).message})`,
      { cause: error },
    );
  }
}
