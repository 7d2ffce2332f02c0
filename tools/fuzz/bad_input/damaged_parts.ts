import { zstdCompressSync } from "node:zlib";
import { registerCodecs } from "../../../gpu-worker/codecs/arrow.ts";
import {
  CompressionType,
  fixedSizeList,
  float32,
  int32,
  setCompressionCodec,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import {
  ARROW,
  type BadInput,
  type BadPart,
  JSON_TYPE,
  listed,
  stream,
} from "./bad_input.ts";

const TWO = stream({ id: ["s0", "s1"], logits: [[1, 2], [3, 4]] }, {
  id: utf8(),
  logits: fixedSizeList(float32(), 2),
});

/** A stream whose one compressed buffer says that it holds `size` bytes. */
function claiming(size: bigint): Uint8Array<ArrayBuffer> {
  setCompressionCodec(CompressionType.ZSTD, {
    encode: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
    decode: (bytes) => bytes,
  });
  const n = 4_000;
  const table = tableFromArrays({ id: new Int32Array(n).fill(7) }, {
    types: { id: int32() },
  });
  const whole = tableToIPC(table, {
    format: "stream",
    codec: CompressionType.ZSTD,
  }) as Uint8Array<ArrayBuffer>;
  registerCodecs();
  const view = new DataView(whole.buffer);
  for (let at = 0; at + 8 <= whole.length; at += 8) {
    if (view.getBigInt64(at, true) === BigInt(4 * n)) {
      view.setBigInt64(at, size, true);
    }
  }
  return whole;
}

/** Parts that are cut short, mislabelled or say what is not so. */
export function damagedParts(): BadInput[] {
  const damaged = (name: string, part: BadPart, rule: RegExp) =>
    listed(name, part, 1, rule);
  return [
    damaged("Arrow that is cut short", {
      kind: "outputs",
      body: TWO.slice(0, TWO.length - 40),
      type: ARROW,
    }, /no whole Arrow IPC stream/),
    damaged("Arrow that is NDJSON", {
      kind: "samples",
      body: '{"id": 1}',
      type: ARROW,
    }, /no whole Arrow IPC stream/),
    damaged("Arrow as a file", {
      kind: "samples",
      body: tableToIPC(tableFromArrays({ id: ["a"] }), {
        format: "file",
      }) as Uint8Array<ArrayBuffer>,
      type: ARROW,
    }, /it is an Arrow file: send the stream format/),
    damaged("JSON that is Arrow", {
      kind: "samples",
      body: TWO,
      type: JSON_TYPE,
    }, /it is no (UTF-8|JSON)/),
    damaged("JSON that is an object", {
      kind: "samples",
      body: '{"id": 1}',
      type: JSON_TYPE,
    }, /must be a JSON array of objects/),
    damaged("JSON that is cut short", {
      kind: "samples",
      body: '[{"id": 1}, {"id"',
      type: JSON_TYPE,
    }, /it is no JSON/),
    damaged("gzip that is none", {
      kind: "samples",
      body: '{"id": 1}',
      encoding: "gzip",
    }, /it is no whole gzip/),
    damaged("Arrow whose packed body says it holds a terabyte", {
      kind: "samples",
      body: claiming(2n ** 40n),
      type: ARROW,
    }, /must not grow past 536870912 bytes when unpacked/),
    damaged("Arrow whose packed body says it holds less than nothing", {
      kind: "samples",
      body: claiming(-5n),
      type: ARROW,
    }, /no whole Arrow IPC stream/),
    damaged("Arrow whose packed body holds less than it says", {
      kind: "samples",
      body: claiming(2n ** 20n),
      type: ARROW,
    }, /a body is cut short/),
    listed(
      "NDJSON that is UTF-16",
      {
        kind: "samples",
        body: Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0),
      },
      1,
      /a line must be UTF-8/,
    ),
    listed(
      "NDJSON with lines that are no objects",
      {
        kind: "samples",
        body: '[1]\nnull\n"x"\n{"id":\n\n7',
      },
      5,
      /row 0, as a line must be a JSON object/,
    ),
    listed(
      "CSV under the name of NDJSON",
      {
        kind: "samples",
        body: "id,label\na,ham\nb,spam",
      },
      3,
      /a line must be a JSON object/,
    ),
  ];
}
