/**
 * Checks of an Arrow stream's layout. The library trusts counts and offsets: one wrong byte makes it build an array of a billion entries,
 * and the process with it is gone. So the envelope is walked before it decodes, and the offsets before they are followed.
 *
 * @module
 */
import { Type } from "@uwdata/flechette";

const MOST_FIELDS = 10_000;
const MOST_DEPTH = 16;
/** Most rows of a part, and most entries of a dictionary. */
export const MOST_ROWS = 4_000_000;
const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3];

/** Most bytes all bodies of a part may grow to. */
export const MOST_BYTES = 512 * 1024 ** 2;

/** Most values of a part, over all columns and what lists hold: some types take no byte for one. */
export const MOST_VALUES = 2 ** 28;

/** Most values of one list: it becomes one array. */
const MOST_IN_LIST = 2 ** 24;

/** Most dictionary messages: each that adds to one makes it anew. */
const MOST_DICTIONARIES = 1_000;

/** Types whose values can be read in time that their bytes bound. */
const TYPES: ReadonlySet<number> = new Set([
  Type.Null,
  Type.Int,
  Type.Float,
  Type.Binary,
  Type.Utf8,
  Type.Bool,
  Type.Decimal,
  Type.Date,
  Type.Time,
  Type.Timestamp,
  Type.List,
  Type.Struct,
  Type.FixedSizeBinary,
  Type.FixedSizeList,
  Type.Duration,
  Type.LargeBinary,
  Type.LargeUtf8,
  Type.LargeList,
  Type.BinaryView,
  Type.Utf8View,
]);

/**
 * Walks the messages of an Arrow IPC stream.
 *
 * @throws {RangeError} If a length, a count or an offset points outside its message, or a type is not taken.
 */
export function checkEnvelope(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (new TextDecoder().decode(bytes.subarray(0, 6)) === "ARROW1") {
    throw new RangeError("it is an Arrow file: send the stream format");
  }
  let at = 0;
  let nDictionaries = 0;
  while (at < bytes.length) {
    let size = view.getInt32(at, true);
    at += 4;
    if (size === -1) {
      size = view.getInt32(at, true);
      at += 4;
    }
    if (size === 0) break;
    if (size < 0 || at + size > bytes.length) {
      throw new RangeError("a message is cut short");
    }
    const { type, bodyLength } = checkMessage(bytes.subarray(at, at + size));
    at += size + bodyLength;
    if (at > bytes.length) throw new RangeError("a body is cut short");
    if (type === DICTIONARY_BATCH && ++nDictionaries > MOST_DICTIONARIES) {
      throw new RangeError(
        `it may have at most ${MOST_DICTIONARIES} dictionary messages`,
      );
    }
  }
}

/** Checks one message's metadata. */
function checkMessage(
  head: Uint8Array,
): { readonly type: number; readonly bodyLength: number } {
  const buffer = new Flatbuffer(head);
  const message = buffer.table(0);
  const header = buffer.slot(message, 8);
  if (header === 0) throw new RangeError("a message has no header");
  const type = buffer.u8(buffer.slot(message, 6));
  const bodyLength = buffer.i64(buffer.slot(message, 10));
  if (bodyLength < 0) throw new RangeError("a body has no length");
  const table = buffer.table(header);
  if (type === SCHEMA) checkSchema(buffer, table);
  else if (type === RECORD_BATCH) checkRecordBatch(buffer, table, bodyLength);
  else if (type === DICTIONARY_BATCH) {
    const data = buffer.slot(table, 6);
    if (data === 0) throw new RangeError("a dictionary has no values");
    checkRecordBatch(buffer, buffer.table(data), bodyLength, true);
  } else throw new RangeError(`a message is of unknown type ${type}`);
  return { type, bodyLength };
}

function checkSchema(buffer: Flatbuffer, schema: Table): void {
  let nFields = 0;
  buffer.vector(buffer.slot(schema, 8), 4);
  const fields = (slot: number, depth: number) => {
    const { start, n } = buffer.vector(slot, 4);
    if (depth > MOST_DEPTH || (nFields += n) > MOST_FIELDS) {
      throw new RangeError("its schema has too many fields");
    }
    for (let i = 0; i < n; i++) {
      const field = buffer.table(start + 4 * i);
      const typeId = buffer.u8(buffer.slot(field, 8));
      if (!TYPES.has(typeId)) {
        throw new RangeError(`a column is of a type that is not taken`);
      }
      nFields += buffer.vector(buffer.slot(field, 16), 4).n;
      fields(buffer.slot(field, 14), depth + 1);
    }
  };
  fields(buffer.slot(schema, 6), 0);
}

function checkRecordBatch(
  buffer: Flatbuffer,
  batch: Table,
  bodyLength: number,
  isDictionary = false,
): void {
  const nRows = buffer.i64(buffer.slot(batch, 4));
  if (nRows < 0 || nRows > MOST_ROWS) {
    throw new RangeError(`a batch may have at most ${MOST_ROWS} rows`);
  }
  // A value takes a bit at least; of a compressed body that shows when it is unpacked.
  const isCompressed = buffer.slot(batch, 10) !== 0;
  const most = isCompressed ? 8 * MOST_BYTES : 8 * bodyLength;
  const nodes = buffer.vector(buffer.slot(batch, 6), 16);
  for (let i = 0; i < nodes.n; i++) {
    const length = buffer.i64(nodes.start + 16 * i);
    const nNulls = buffer.i64(nodes.start + 16 * i + 8);
    if (
      length < 0 || length > Math.max(nRows, isDictionary ? 0 : most) ||
      nNulls < 0 || nNulls > length
    ) throw new RangeError("a column has no valid length");
  }
  const regions = buffer.vector(buffer.slot(batch, 8), 16);
  for (let i = 0; i < regions.n; i++) {
    const offset = buffer.i64(regions.start + 16 * i);
    const length = buffer.i64(regions.start + 16 * i + 8);
    if (offset < 0 || length < 0 || offset + length > bodyLength) {
      throw new RangeError("a buffer lies outside its body");
    }
  }
  const views = buffer.vector(buffer.slot(batch, 12), 8);
  for (let i = 0; i < views.n; i++) {
    const n = buffer.i64(views.start + 8 * i);
    if (n < 0 || n > regions.n) {
      throw new RangeError("a column has more buffers than its batch");
    }
  }
}

/** Where a table's fields are found. */
interface Table {
  readonly at: number;
  readonly vtable: number;
  readonly vtableSize: number;
}

/** Reads of a flatbuffer; each throws a RangeError outside of it. */
class Flatbuffer {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }

  /** The table that the offset at `index` points to. */
  table(index: number): Table {
    const at = index + this.#view.getInt32(index, true);
    const vtable = at - this.#view.getInt32(at, true);
    return { at, vtable, vtableSize: this.#view.getInt16(vtable, true) };
  }

  /** Place of a field, by its place in the vtable; 0: the table has none. */
  slot({ at, vtable, vtableSize }: Table, index: number): number {
    if (index >= vtableSize) return 0;
    const offset = this.#view.getInt16(vtable + index, true);
    return offset === 0 ? 0 : at + offset;
  }

  vector(slot: number, stride: number): { start: number; n: number } {
    if (slot === 0) return { start: 0, n: 0 };
    const base = slot + this.#view.getInt32(slot, true);
    const n = this.#view.getInt32(base, true);
    if (n < 0 || base + 4 + n * stride > this.#view.byteLength) {
      throw new RangeError("a list lies outside its message");
    }
    return { start: base + 4, n };
  }

  u8(at: number): number {
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  i64(at: number): number {
    return at === 0 ? 0 : Number(this.#view.getBigInt64(at, true));
  }
}

/** What the checks need of the library's batches. */
export interface ColumnBatch {
  readonly length: number;
  readonly type: {
    readonly typeId: number;
    readonly stride?: number;
    readonly dictionary?: { readonly typeId: number };
  };
  readonly values?: ArrayLike<unknown>;
  readonly offsets?: ArrayLike<number | bigint>;
  readonly children?: readonly ColumnBatch[];
  /** Buffers of a view type. */
  readonly data?: readonly Uint8Array[];
  /** Values of a dictionary. */
  readonly cache?: ArrayLike<unknown>;
  readonly nullCount?: number;
  /** Whether a row has a value; says nothing where `nullCount` is 0. */
  isValid(index: number): boolean;
}

/**
 * Checks that what a batch points to is there, so that reading all of it takes time in proportion to its bytes.
 *
 * @returns How many values it has, with those of its children.
 * @throws {RangeError} If an offset, a view or a key points elsewhere, or backwards.
 */
export function checkBatch(batch: ColumnBatch): number {
  const { length, type, values, offsets, children = [] } = batch;
  const inside = type.dictionary?.typeId;
  if (
    inside === Type.List || inside === Type.LargeList ||
    inside === Type.Struct || inside === Type.FixedSizeList
  ) {
    throw new RangeError("a dictionary may hold plain values only");
  }
  let nValues = length;
  for (const child of children) nValues += checkBatch(child);
  if (type.typeId === Type.FixedSizeList) {
    const stride = type.stride ?? -1;
    checkListLength(stride);
    if (stride < 0 || stride * length > (children[0]?.length ?? 0)) {
      throw new RangeError("a list ends outside its values");
    }
  }
  if (type.typeId === Type.Struct && children.some((c) => c.length < length)) {
    throw new RangeError("a struct ends outside its fields");
  }
  if (!offsets && values && 8 * values.length < length) {
    throw new RangeError("a column ends outside its values");
  }
  if (batch.data) checkViews(batch, batch.data);
  if (batch.cache) checkKeys(batch, batch.cache.length);
  if (offsets && length > 0) checkOffsets(batch, offsets);
  return nValues;
}

function checkOffsets(
  { length, values, children = [] }: ColumnBatch,
  offsets: ArrayLike<number | bigint>,
): void {
  const end = children[0]?.length ?? values?.length ?? 0;
  let last = 0;
  for (let i = 0; i <= length; i++) {
    const offset = Number(offsets[i] ?? -1);
    if (offset < last || offset > end) {
      throw new RangeError("an offset points outside its values");
    }
    if (i > 0 && children.length > 0) checkListLength(offset - last);
    last = offset;
  }
}

function checkListLength(length: number): void {
  if (length > MOST_IN_LIST) {
    throw new RangeError(`a list may have at most ${MOST_IN_LIST} values`);
  }
}

/** Views may overlap: few bytes can say the same gigabyte a million times. */
function checkViews(
  { length, values }: ColumnBatch,
  buffers: readonly Uint8Array[],
): void {
  const bytes = values as Uint8Array;
  if (16 * length > bytes.length) {
    throw new RangeError("a column ends outside its views");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const size = view.getInt32(16 * i, true);
    if (size > 12) {
      const buffer = buffers[view.getInt32(16 * i + 8, true)];
      const start = view.getInt32(16 * i + 12, true);
      if (!buffer || start < 0 || start + size > buffer.length) {
        throw new RangeError("a view points outside its buffers");
      }
    }
    sum += size;
    if (size < 0 || sum > MOST_BYTES) {
      throw new RangeError(`views may show at most ${MOST_BYTES} bytes`);
    }
  }
}

function checkKeys(batch: ColumnBatch, nEntries: number): void {
  for (let i = 0; i < batch.length; i++) {
    const key = Number(batch.values?.[i]);
    if (key >= 0 && key < nEntries) continue;
    if (batch.nullCount === 0 || batch.isValid(i)) {
      throw new RangeError("a key points outside its dictionary");
    }
  }
}
