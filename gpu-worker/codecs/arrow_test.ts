import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import {
  type Codec,
  CompressionType,
  dictionary,
  fixedSizeList,
  float32,
  int32,
  list,
  map,
  setCompressionCodec,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { AppError } from "@shared/errors.ts";
import lz4 from "lz4js";
import { decodeArrow, registerCodecs } from "./arrow.ts";
import { outputRows } from "./output_rows.ts";
import { Problems } from "./problems.ts";
import { sampleRows } from "./sample_row.ts";

const CODECS = {
  plain: null,
  lz4: CompressionType.LZ4_FRAME,
  zstd: CompressionType.ZSTD,
} as const;
const ENCODERS: Codec["encode"][] = [
  (bytes) => lz4.compress(bytes),
  (bytes) => new Uint8Array(zstdCompressSync(bytes)),
];

/** A stream with every kind of column that a part has; long enough that its bodies shrink. */
function stream(
  codec: keyof typeof CODECS,
  n = 40,
): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: n }, (_, i) => i);
  const table = tableFromArrays({
    id: rows.map((i) => `s${i}`),
    label: rows.map((i) => i % 2 === 0 ? "a" : "b"),
    text: rows.map((i) => "the same words ".repeat(i % 5)),
    logits: rows.map((i) => [i, 1]),
    embedding: rows.map((i) => [i, 0, 0, 0, 0, 0, 0, 1]),
    seen: rows,
  }, {
    types: {
      id: utf8(),
      label: dictionary(utf8()),
      text: utf8(),
      logits: list(float32()),
      embedding: fixedSizeList(float32(), 8),
      seen: int32(),
    },
  });
  return write(table, codec);
}

function write(
  table: Parameters<typeof tableToIPC>[0],
  codec: keyof typeof CODECS,
): Uint8Array<ArrayBuffer> {
  const id = CODECS[codec];
  if (id !== null) {
    const encode = ENCODERS[id]!;
    setCompressionCodec(id, { encode, decode: () => assert.fail() });
  }
  try {
    return tableToIPC(table, { format: "stream", codec: id }) as Uint8Array<
      ArrayBuffer
    >;
  } finally {
    registerCodecs();
  }
}

/** Reads all of a part, as the stage does. */
function readAll(bytes: Uint8Array<ArrayBuffer>): number {
  const table = decodeArrow(bytes);
  const problems = new Problems();
  const rules = { labelNames: ["a", "b"], checkMetadata: null };
  const samples = [...sampleRows(table, "part", rules, problems)];
  outputRows(table, "part", {
    rowOf: () => 0,
    nClasses: 2,
    split: "training",
    width: 0,
  }, problems);
  return samples.length;
}

for (const codec of Object.keys(CODECS) as (keyof typeof CODECS)[]) {
  Deno.test(`decodeArrow() reads ${codec} bodies`, () => {
    const bytes = stream(codec, 2000);
    if (codec !== "plain") {
      assert.ok(bytes.length < stream("plain", 2000).length);
    }
    const table = decodeArrow(bytes);
    assert.equal(table.nRows, 2000);
    assert.equal(table.cell("id", 1999), "s1999");
    assert.equal(table.cell("label", 3), "b");
    assert.equal(table.cell("text", 4), "the same words ".repeat(4));
    assert.deepEqual(
      Array.from(table.cell("embedding", 7) as Float32Array),
      [7, 0, 0, 0, 0, 0, 0, 1],
    );
    assert.equal(readAll(bytes), 2000);
  });

  // One wrong byte once made the library build an array of a billion entries, which ended the process.
  Deno.test(`decodeArrow() survives wrong bytes anywhere (${codec})`, () => {
    const whole = stream(codec);
    let state = 7;
    const random = (n: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % n;
    };
    let nRefused = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = whole.slice();
      for (let i = 0; i <= random(3); i++) {
        bytes[random(bytes.length)] = random(256);
      }
      try {
        readAll(bytes);
      } catch (error) {
        assert.ok(error instanceof AppError, String(error));
        assert.equal(error.code, "unusable_input");
        nRefused++;
      }
    }
    assert.ok(nRefused > 300 && nRefused < 2990, `${nRefused}`);
  });

  Deno.test(`decodeArrow() refuses a stream that is cut short (${codec})`, () => {
    const whole = stream(codec);
    const end = whole.length - 8; // the end mark
    for (let at = 8; at < end; at += 3) {
      try { // cut between two messages it is a shorter stream
        assert.ok(decodeArrow(whole.slice(0, at)).nRows < 40);
      } catch (error) {
        assert.ok(error instanceof AppError, String(error));
      }
    }
  });
}

Deno.test("decodeArrow() refuses bodies that grow past what a part may hold", () => {
  const zeros = tableFromArrays(
    { id: new Int32Array(20_000_000) },
    { types: { id: int32() } },
  );
  for (const codec of ["lz4", "zstd"] as const) {
    const bytes = write(zeros, codec);
    assert.throws(
      () => decodeArrow(bytes),
      { code: "unusable_input", message: /at most 4000000 rows/ },
    );
  }
});

Deno.test("decodeArrow() refuses an Arrow file, and types whose values are not bounded, with a sentence", () => {
  const table = tableFromArrays({ id: [1, 2] });
  const file = tableToIPC(table, { format: "file" }) as Uint8Array<ArrayBuffer>;
  assert.throws(() => decodeArrow(file), {
    message: /it is an Arrow file: send the stream format/,
  });
  const odd = tableFromArrays({ id: [[["a", 1]]] } as never, {
    types: { id: map(utf8(), int32()) } as never,
  });
  assert.throws(() => decodeArrow(write(odd, "plain")), {
    code: "unusable_input",
    message: /a column is of a type that is not taken/,
  });
});
