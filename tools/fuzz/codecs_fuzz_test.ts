import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import {
  bool,
  CompressionType,
  dictionary,
  fixedSizeList,
  float16,
  float32,
  float64,
  int32,
  int64,
  list,
  setCompressionCodec,
  struct,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { AppError } from "@shared/errors.ts";
import fc from "fast-check";
import lz4 from "lz4js";
import {
  decodeArrays,
  encodeArrays,
} from "../../gpu-worker/codecs/array_file.ts";
import { registerCodecs } from "../../gpu-worker/codecs/arrow.ts";
import { decodePart } from "../../gpu-worker/codecs/mod.ts";
import { outputRows } from "../../gpu-worker/codecs/output_rows.ts";
import { Problems } from "../../gpu-worker/codecs/problems.ts";
import type { RowTable } from "../../gpu-worker/codecs/row_table.ts";
import { sampleRows } from "../../gpu-worker/codecs/sample_row.ts";
import {
  decodeSignals,
  encodeSignals,
} from "../../gpu-worker/codecs/signals_file.ts";
import { emptyDynamics } from "../../gpu-worker/signals/dynamics_state.ts";
import { damaged, hostileJson, hostileText, testProperty } from "./property.ts";

const ARROW = "application/vnd.apache.arrow.stream";
const RULES = { labelNames: ["ham", "spam"], checkMetadata: null };

/** Reads a part as the worker does; null where a named rule refuses it as a whole. */
async function decoded(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
  encoding = "identity",
): Promise<RowTable | null> {
  try {
    return await decodePart(bytes, type, encoding);
  } catch (error) {
    assert.ok(error instanceof AppError, `${(error as Error).stack}`);
    assert.equal(error.code, "unusable_input");
    return null;
  }
}

/** Rows that are used and rows that are listed are all rows, as samples and as outputs; what is used can be stored. */
function assertNothingLost(table: RowTable): void {
  const ofSamples = new Problems();
  const samples = [...sampleRows(table, "p", RULES, ofSamples)];
  const whole = table.names.includes("id") ? table.nRows : table.nRows || 1;
  assert.equal(samples.length + ofSamples.nRows, whole);
  for (const { id, label, metadata } of samples) {
    assert.ok(id !== "" && id.isWellFormed() && !id.includes("\0"));
    assert.ok(label === -1 || label === 0 || label === 1);
    const json = JSON.stringify(metadata);
    assert.ok(!json.includes("\\u0000") && !/\\ud[89a-f]/.test(json), json);
  }
  const ofOutputs = new Problems();
  const outputs = outputRows(table, "p", {
    rowOf: (id) => id === "nobody" ? undefined : 0,
    nClasses: 2,
    split: "training",
    width: 0,
  }, ofOutputs);
  const isWhole = table.names.includes("id") &&
    (table.names.includes("logits") || table.names.includes("probs"));
  assert.equal(
    (outputs?.rows.length ?? 0) + ofOutputs.nRows,
    isWhole ? table.nRows : table.nRows || 1,
  );
  if (outputs?.kind === "probs") {
    assert.ok(outputs.values.every((p) => p >= 0 && p <= 1.03));
  }
  for (const { message } of [...ofSamples.list(), ...ofOutputs.list()]) {
    assert.match(message, /^Cannot use part p/);
    assert.ok(message.isWellFormed() && !message.includes("\0"));
    assert.ok(message.length < 1_000, message);
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function gzip(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const numbers = fc.oneof(
  fc.constantFrom([1, -1], [0.25, 0.75], [0.5, 0.9], [], [1], [1, null]),
  fc.array(fc.double(), { maxLength: 3 }),
);

/** A row of which each cell is right, wrong, or not there. */
const row = fc.dictionary(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        ...["id", "label", "text", "image", "features"],
        ...["logits", "probs", "embedding", "folder"],
      ),
    },
    { weight: 1, arbitrary: hostileText },
  ),
  fc.oneof(
    numbers,
    hostileJson,
    fc.constantFrom("a", "b", 0, 1, "ham", "nobody", null),
  ),
  { minKeys: 1, maxKeys: 8 },
).chain((cells) =>
  fc.constantFrom("a", "b", 7, "nobody").map((id): unknown => ({
    id,
    ...cells,
  }))
);
const rows = fc.array(
  fc.oneof({ weight: 8, arbitrary: row }, {
    weight: 1,
    arbitrary: hostileJson,
  }),
  { minLength: 1, maxLength: 8 },
);

testProperty(
  "NDJSON of any rows: each is used or listed",
  rows,
  async (given) => {
    const text = given.map((r) => JSON.stringify(r)).join("\n");
    const table = await decoded(bytesOf(text), "application/x-ndjson");
    assert.equal(table?.nRows, given.length);
    assertNothingLost(table!);
  },
  600,
);

testProperty(
  "a JSON array of any rows: each is used or listed",
  rows,
  async (given) => {
    const table = await decoded(
      bytesOf(JSON.stringify(given)),
      "application/json",
    );
    assert.equal(table?.nRows, given.length);
    assertNothingLost(table!);
  },
  600,
);

const TEXT = [
  { id: "a", label: "ham", text: "ä", logits: [1, 2], folder: { n: 1 } },
  { id: "b", label: null, features: [1, 2], probs: [0.5, 0.5] },
].map((r) => JSON.stringify(r)).join("\n");

for (
  const [type, text] of [
    ["application/x-ndjson", TEXT],
    ["application/json", `[${TEXT.replace("\n", ",")}]`],
  ] as const
) {
  testProperty(
    `damaged ${type}, packed or not: refused by a rule, or each row is used or listed`,
    fc.tuple(damaged(bytesOf(text)), fc.constantFrom("gzip", "identity")),
    async ([bytes, encoding]) => {
      const packed = encoding === "gzip" ? await gzip(bytes) : bytes;
      const table = await decoded(packed, type, encoding);
      if (table === null) return;
      assertNothingLost(table);
      if (type !== "application/x-ndjson") return;
      const nLines = new TextDecoder("latin1").decode(bytes).split("\n")
        .filter((line) => /[^\0-\x20]/.test(line)).length;
      assert.equal(table.nRows, nLines);
    },
    400,
  );
  const zipped = await gzip(bytesOf(text));
  testProperty(
    `damaged gzip of ${type}: refused by a rule, or each row is used or listed`,
    damaged(zipped),
    async (bytes) => {
      const table = await decoded(bytes, type, "gzip");
      if (table) assertNothingLost(table);
    },
    300,
  );
}

const TYPES = {
  id: [utf8(), dictionary(utf8()), int64()],
  label: [dictionary(utf8()), utf8(), int32()],
  logits: [list(float64()), fixedSizeList(float32(), 2), list(float16())],
  flag: [bool()],
  at: [struct({ x: float64(), y: utf8() })],
};
const N_ROWS = 20;

/** A stream with columns of many types, and bodies packed as asked. */
function arrowStream(
  variant: number,
  codec: Parameters<typeof setCompressionCodec>[0] | null,
): Uint8Array<ArrayBuffer> {
  const indices = Array.from({ length: N_ROWS }, (_, i) => i);
  const isNumber = variant % 3 === 2;
  const table = tableFromArrays({
    id: indices.map((i) => isNumber ? BigInt(i) : `s${i}`),
    label: indices.map((i) => i % 5 === 0 ? null : isNumber ? i % 2 : "ham"),
    logits: indices.map((i) => [i, 1]),
    flag: indices.map((i) => i % 2 === 0),
    at: indices.map((i) => ({ x: i, y: i % 3 === 0 ? null : "ü" })),
  } as never, {
    types: Object.fromEntries(
      Object.entries(TYPES).map(([name, types]) => [
        name,
        types[variant % types.length],
      ]),
    ) as never,
  });
  if (codec !== null) {
    const encode = codec === CompressionType.LZ4_FRAME
      ? (bytes: Uint8Array) => lz4.compress(bytes)
      : (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes));
    setCompressionCodec(codec, { encode, decode: () => assert.fail() });
  }
  try {
    return tableToIPC(table, { format: "stream", codec }) as Uint8Array<
      ArrayBuffer
    >;
  } finally {
    registerCodecs();
  }
}

for (
  const [name, codec] of [
    ["plain", null],
    ["LZ4", CompressionType.LZ4_FRAME],
    ["ZSTD", CompressionType.ZSTD],
  ] as const
) {
  const streams = [0, 1, 2].map((variant) => arrowStream(variant, codec));
  Deno.test(`Arrow with ${name} bodies is read whole before it is damaged`, async () => {
    for (const stream of streams) {
      const table = await decoded(stream, ARROW);
      assert.equal(table?.nRows, N_ROWS);
      assertNothingLost(table!);
    }
  });
  testProperty(
    `damaged Arrow with ${name} bodies: refused by a rule, or each row is used or listed`,
    fc.oneof(...streams.map(damaged)),
    async (bytes) => {
      const table = await decoded(bytes, ARROW);
      if (table) assertNothingLost(table);
    },
    1_500,
  );
}

testProperty(
  "bytes of one type under the name of another are refused by a rule, or listed",
  fc.tuple(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.constantFrom(arrowStream(0, null), bytesOf(TEXT), bytesOf("a,b\n1,2")),
    ),
    fc.constantFrom(
      ARROW,
      "application/x-ndjson",
      "application/json",
      "text/csv",
    ),
    fc.constantFrom("gzip", "identity"),
  ),
  async ([bytes, type, encoding]) => {
    const table = await decoded(Uint8Array.from(bytes), type, encoding);
    if (table) assertNothingLost(table);
  },
  300,
);

const SIGNALS = encodeSignals({
  labelNames: ["ham", "spam"],
  problems: [],
  splits: [{
    split: "training",
    isOutOfSample: false,
    keys: BigInt64Array.of(5n, 6n),
    sampleIds: ["x", "y"],
    source: {
      parts: ["p"],
      partOf: Int32Array.of(0, 0),
      rowOf: Int32Array.of(7, 3),
      counts: { texts: 1, images: 0, imageUris: 0, features: 0 },
    },
    contentHashes: ["00", null],
    textSignatures: Uint32Array.of(1, 2),
    dynamics: emptyDynamics(Int32Array.of(0, -1), 2),
    embeddings: Float32Array.of(1, NaN),
    width: 1,
  }],
});

testProperty(
  "a damaged file of signals is read with the shapes it was written with, or refused",
  damaged(SIGNALS),
  (bytes) => {
    try {
      const [split] = decodeSignals(bytes).splits;
      assert.deepEqual(split!.sampleIds, ["x", "y"]);
      assert.equal(split!.keys.length, 2);
    } catch (error) {
      assert.ok(error instanceof RangeError, `${(error as Error).stack}`);
    }
  },
  500,
);

testProperty(
  "arrays of a file come back as they were, whatever is in them",
  fc.tuple(
    fc.float32Array({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }),
    hostileText,
    hostileJson,
  ),
  ([floats, bytes, name, meta]) => {
    const arrays = { [`${name}1`]: floats, [`${name}2`]: bytes };
    const read = decodeArrays(encodeArrays(meta, arrays as never));
    assert.deepEqual(Object.values(read.arrays), [floats, bytes]);
    assert.deepEqual(read.meta, JSON.parse(JSON.stringify(meta)));
  },
  300,
);
