import { zstdDecompressSync } from "node:zlib";
import {
  type Codec,
  Column,
  CompressionType,
  setCompressionCodec,
  tableFromIPC,
  Type,
} from "@uwdata/flechette";
import { AppError } from "@shared/errors.ts";
import {
  checkBatch,
  checkEnvelope,
  type ColumnBatch,
  MOST_BYTES,
  MOST_ROWS,
  MOST_VALUES,
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

/** The library reads a dictionary whole before a table is there to be checked. */
const readWhole = Column.prototype.cache;
Column.prototype.cache = function () {
  for (const batch of this.data) checkBatch(batch as unknown as ColumnBatch);
  return readWhole.call(this);
};

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
    let nValues = 0;
    for (const { data, length } of table.children) {
      if (length !== table.numRows) { // also where it is NaN
        throw new RangeError("its columns must have one length");
      }
      for (const batch of data) {
        nValues += checkBatch(batch as unknown as ColumnBatch);
        if (nValues > MOST_VALUES) {
          throw new RangeError(`it may have at most ${MOST_VALUES} values`);
        }
      }
    }
    return table;
  });
  if (table.numRows > MOST_ROWS) {
    throw new AppError(
      "unusable_input",
      `it must have at most ${MOST_ROWS} rows: current value is ${table.numRows}`,
    );
  }
  const columns = new Map<string, Column<unknown>>();
  for (const [i, name] of table.names.entries()) {
    if (columns.has(String(name))) {
      throw new AppError(
        "unusable_input",
        `a column may stand once in it: "${
          String(name).slice(0, 60)
        }" stands twice`,
      );
    }
    columns.set(String(name), table.getChildAt(i)!);
  }
  const names = [...columns.keys()];
  const filled = names.filter((name) =>
    columns.get(name)!.type.typeId !== Type.Null
  );
  return {
    nRows: table.numRows,
    names,
    namesOf: () => filled,
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
