/**
 * Bad input, by name: what is sent, and the named rule or the listed rows it must end in.
 *
 * @module
 */
import { zstdCompressSync } from "node:zlib";
import {
  binary,
  CompressionType,
  fixedSizeList,
  float32,
  int32,
  list,
  setCompressionCodec,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { registerCodecs } from "../../gpu-worker/codecs/arrow.ts";

/** A body of `POST parts`. */
export interface BadPart {
  readonly kind: "samples" | "outputs";
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly encoding?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** How a case must end. */
export type Ending =
  /** The edge refuses the run or a part. */
  | { readonly status: number; readonly rule: RegExp }
  /** The run is taken, and its job fails for good with a sentence. */
  | { readonly fails: RegExp }
  /** The run is scored: samples that are ranked, rows that are listed, and sentences among those. */
  | {
    readonly ranked: number;
    readonly listed: number;
    readonly rules?: readonly RegExp[];
  };

/** One case. */
export interface BadInput {
  readonly name: string;
  /** Body of `PUT runs`, over two classes. */
  readonly run?: Readonly<Record<string, unknown>> | string;
  /** Parts beside the six good samples and their outputs; alone where `isAlone`. */
  readonly parts?: readonly BadPart[];
  readonly isAlone?: boolean;
  readonly ends: Ending;
}

const ARROW = "application/vnd.apache.arrow.stream";
const JSON_TYPE = "application/json";
const NDJSON = "application/x-ndjson";

/** Good samples of every run. */
export const N_GOOD = 6;

/** Rows as NDJSON. */
export function lines(rows: readonly unknown[]): string {
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

/** The parts that go with every case that is not alone. */
export const GOOD: readonly BadPart[] = [
  {
    kind: "samples",
    body: lines(
      Array.from({ length: N_GOOD }, (_, i) => ({ id: `s${i}`, label: i % 2 })),
    ),
    query: { seq: "1000" },
  },
  {
    kind: "outputs",
    body: lines(
      Array.from({ length: N_GOOD }, (_, i) => ({
        id: `s${i}`,
        logits: i % 2 === 0 ? [2, 0] : [0, 2],
      })),
    ),
    query: { seq: "1000" },
  },
];

const samples = (...rows: unknown[]): BadPart => ({
  kind: "samples",
  body: lines(rows),
});
const outputs = (...rows: unknown[]): BadPart => ({
  kind: "outputs",
  body: lines(rows),
});

/** An outputs row that says something else about a good sample. */
const about = (cells: object) => outputs({ id: "s0", ...cells });

function listed(
  name: string,
  part: BadPart,
  nRows: number,
  ...rules: RegExp[]
): BadInput {
  return {
    name,
    parts: [part],
    ends: { ranked: N_GOOD, listed: nRows, rules },
  };
}

function refused(
  name: string,
  status: number,
  rule: RegExp,
  sent: Partial<BadInput>,
): BadInput {
  return { name, ...sent, ends: { status, rule } };
}

function stream(
  columns: Record<string, unknown>,
  types: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  const table = tableFromArrays(columns as never, { types: types as never });
  return tableToIPC(table, { format: "stream" }) as Uint8Array<ArrayBuffer>;
}

function gzip(
  chunk: Uint8Array<ArrayBuffer>,
  times: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (times-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const packed = source.pipeThrough(new CompressionStream("gzip"));
  return new Response(packed).bytes() as Promise<Uint8Array<ArrayBuffer>>;
}

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

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const UNICODE = [
  "👩‍👩‍👧‍👦",
  "e\u0301",
  "é",
  "\u202eabc",
  "ﷺ",
  "İ",
  "a\u2028b",
  " ",
  "__proto__",
  "' or 1=1 --",
];
const LARGE_TEXT = "grüße ".repeat(170_000); // 1.2 MB
const THOUSAND = Array.from({ length: 1_000 }, (_, i) => `class ${i}`);

const MANY_CLASSES: BadPart[] = [
  {
    kind: "samples",
    body: lines(
      Array.from({ length: 12 }, (_, i) => ({ id: i, label: 80 * i })),
    ),
  },
  {
    kind: "outputs",
    body: lines(
      Array.from({ length: 12 }, (_, i) => ({
        id: i,
        logits: THOUSAND.map((_, k) => k === 80 * i ? 5 : 0),
      })),
    ),
  },
];

/** All cases. Some take a second to make. */
export async function badInputs(): Promise<readonly BadInput[]> {
  const zeros = new Uint8Array(4 * 1024 ** 2);
  const objects = new TextEncoder().encode("{}\n".repeat(1 << 18));
  const [bomb, rowBomb, arrowBomb] = await Promise.all([
    gzip(zeros, 130),
    gzip(objects, 16),
    gzip(TWO, 1),
  ]);
  return [
    ...damagedParts(),
    ...wrongRows(),
    ...shapes(),
    ...metadata(),
    ...atTheEdge(),
    listed(
      "gzip that grows past 512 MB",
      {
        kind: "samples",
        body: bomb,
        encoding: "gzip",
      },
      1,
      /must not grow past 536870912 bytes when unpacked/,
    ),
    listed(
      "gzip of more than 4,000,000 rows",
      {
        kind: "samples",
        body: rowBomb,
        encoding: "gzip",
      },
      1,
      /at most 4000000 rows: send it as several parts/,
    ),
    listed(
      "gzip of Arrow that is cut short",
      {
        kind: "outputs",
        body: arrowBomb.slice(0, -9),
        type: ARROW,
        encoding: "gzip",
      },
      1,
      /no whole gzip/,
    ),
    listed(
      "gzip of JSON that grows past 32 MB",
      {
        kind: "samples",
        body: await gzip(new Uint8Array(4 * 1024 ** 2).fill(32), 9),
        type: JSON_TYPE,
        encoding: "gzip",
      },
      1,
      /a JSON array must have at most 33554432 bytes when unpacked/,
    ),
    {
      name: "20,000 rows that each bring a column of their own",
      parts: [{
        kind: "samples",
        body: lines(
          Array.from(
            { length: 20_000 },
            (_, i) => ({ id: `n${i}`, [`k${i}`]: i }),
          ),
        ),
      }],
      ends: { ranked: N_GOOD + 20_000, listed: 0 },
    },
  ];
}

function damagedParts(): BadInput[] {
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

function wrongRows(): BadInput[] {
  const rows = (name: string, cells: object, rule: RegExp) =>
    listed(name, about(cells), 1, rule);
  return [
    rows(
      "logits of another width",
      { logits: [1, 2, 3] },
      /a list of 2 numbers/,
    ),
    rows("logits that are a number", { logits: 5 }, /a list of 2 numbers/),
    rows("logits that are text", { logits: ["1", "2"] }, /each logit must be/),
    rows("logits with a null", { logits: [null, 1] }, /each logit must be/),
    listed(
      "NaN and infinite logits, in Arrow",
      {
        kind: "outputs",
        type: ARROW,
        body: stream({
          id: ["s0", "s1", "s2", "s3"],
          logits: [[NaN, 1], [Infinity, 1], [-Infinity, 1], [1, 2]],
        }, { id: utf8(), logits: list(float32()) }),
      },
      2,
      /row 0, column "logits", as each logit must be a number \(-Infinity masks a class\)/,
    ),
    rows(
      "probabilities that do not sum to one",
      { probs: [0.5, 0.9] },
      /must sum to 1 within 0\.02: current value is 1\.4/,
    ),
    rows("probabilities below zero", { probs: [-0.5, 1.5] }, /in \[0, 1\]/),
    rows(
      "an embedding of no width",
      { logits: [1, 2], embedding: [] },
      /a list of 1 to 65536 finite numbers/,
    ),
    rows(
      "an embedding too wide to be one",
      { logits: [1, 2], embedding: Array(65_537).fill(0) },
      /a list of 1 to 65536 finite numbers: current value is a list of 65537/,
    ),
    listed(
      "embeddings of two widths",
      outputs(
        { id: "s0", logits: [1, 2], embedding: [1, 2] },
        { id: "s1", logits: [1, 2], embedding: [1] },
      ),
      1,
      /row 1, column "embedding", as it must be a list of 2 numbers/,
    ),
    listed(
      "outputs without logits or probs",
      outputs({ id: "s0" }, { id: "s1" }),
      2,
      /an outputs part needs logits or probs/,
    ),
    listed(
      "outputs of unknown samples",
      outputs({ id: "nobody", logits: [1, 2] }, { id: 7, logits: [1, 2] }),
      2,
      /the id of a usable sample of split training: current value is "nobody"/,
    ),
    listed(
      "samples without ids",
      samples({ text: "a" }, { text: "b" }),
      2,
      /column "id", as a samples part needs it/,
    ),
    listed(
      "ids that are none",
      samples(
        ...["", null, 1.5, true, [1], {}, 2 ** 60, "x".repeat(1_025)].map((
          id,
        ) => ({ id })),
        { id: "a\0b" },
        { id: "a\ud800" },
      ),
      10,
      /a string or an integer of at most 1024 bytes/,
    ),
    listed(
      "an id that stands for two samples",
      samples({ id: "s0", label: 1 }, { id: "s1", label: 1, text: "other" }),
      2,
      /row 0, column "id", as an id stands for one sample .* the first row counts: current value is "s0"/,
    ),
    {
      name: "an id that stands twice for the same sample",
      parts: [samples({ id: "s0", label: 0 }, { id: "s1", label: 1 })],
      ends: { ranked: N_GOOD, listed: 0 },
    },
    listed(
      "labels out of range",
      samples(
        ...[2, -1, 0.5, "eggs", true, [0], {}, 1e300].map((label, i) => ({
          id: `l${i}`,
          label,
        })),
      ),
      8,
      /one of the run's 2 label names, or an index into them: current value is 2/,
    ),
    listed(
      "texts that are none",
      samples({ id: "t0", text: 5 }, { id: "t1", text: ["a"] }),
      2,
      /a text must be a string/,
    ),
    listed(
      "features that are no numbers",
      samples(
        ...["x", ["1"], [null], [true], [[1]], {}].map((features, i) => ({
          id: `f${i}`,
          features,
        })),
      ),
      6,
      /features must be a list of finite numbers/,
    ),
    listed(
      "images that are neither bytes nor a URI",
      samples(
        ...[5, {}, [1], "data:image/png,plain", "data:;base64,%%"].map((
          image,
          i,
        ) => ({ id: `i${i}`, image })),
      ),
      5,
      /an image must be bytes, a URI, or a data URI in base64/,
    ),
  ];
}

function shapes(): BadInput[] {
  const alone = (
    name: string,
    ends: Ending,
    parts: readonly BadPart[],
    run?: BadInput["run"],
  ): BadInput => ({ name, isAlone: true, parts, ends, ...run ? { run } : {} });
  return [
    alone("no rows", { fails: /no usable sample was logged/ }, [
      { kind: "samples", body: "\n" },
    ]),
    alone("no rows, as JSON", { fails: /no usable sample was logged/ }, [
      { kind: "samples", body: "[]", type: JSON_TYPE },
    ]),
    alone("no rows, as Arrow", { fails: /no usable sample was logged/ }, [
      {
        kind: "samples",
        type: ARROW,
        body: stream({ id: [] }, { id: utf8() }),
      },
    ]),
    alone(
      "no usable row",
      {
        fails:
          /no usable sample was logged\. Cannot use part .*a samples part needs it/,
      },
      [samples({ label: 0 })],
    ),
    alone("outputs without samples", { fails: /no usable sample/ }, [
      about({ logits: [1, 2] }),
    ]),
    alone(
      "samples that hold nothing, without outputs",
      { fails: /no usable output was logged, and no text, image or features/ },
      [samples({ id: "a", label: 0 }, { id: "b", label: 1 })],
    ),
    alone("one sample", { ranked: 1, listed: 0 }, [
      samples({ id: "a", label: 0 }),
      outputs({ id: "a", logits: [1, 2], embedding: [1, 0] }),
    ]),
    alone("one sample without outputs", { ranked: 1, listed: 0 }, [
      samples({ id: "a", label: 0, text: "lunch" }),
    ]),
    alone("one sample without a label", { ranked: 1, listed: 0 }, [
      samples({ id: "a" }),
      outputs({ id: "a", logits: [1, 2] }),
    ]),
    alone("one class", { ranked: 2, listed: 0 }, [
      samples({ id: "a", label: 0, text: "x" }, { id: "b", label: 0 }),
      outputs({ id: "a", probs: [1] }, { id: "b", probs: [1] }),
    ], { label_names: ["only"] }),
    alone("two classes of which one has samples", { ranked: 3, listed: 0 }, [
      samples(...["a", "b", "c"].map((id) => ({ id, label: 0 }))),
      outputs(...["a", "b", "c"].map((id) => ({ id, logits: [1, 2] }))),
    ]),
    alone("a thousand classes", { ranked: 12, listed: 0 }, MANY_CLASSES, {
      label_names: THOUSAND,
    }),
    alone("one value for every logit and embedding", { ranked: 4, listed: 0 }, [
      samples(...["a", "b", "c", "d"].map((id, i) => ({ id, label: i % 2 }))),
      outputs(
        ...["a", "b", "c", "d"].map((id) => ({
          id,
          logits: [0, 0],
          embedding: [0, 0, 0],
        })),
      ),
    ]),
    alone("logits at the ends of single precision", { ranked: 4, listed: 0 }, [
      samples(...["a", "b", "c", "d"].map((id, i) => ({ id, label: i % 2 }))),
      outputs(
        { id: "a", logits: [3e38, -3e38] },
        { id: "b", logits: [-3e38, 3e38] },
        { id: "c", logits: [1e-40, 0] },
        { id: "d", logits: [3e38, 3e38] },
      ),
    ]),
    alone(
      "unicode of every kind, in ids, labels, texts and metadata",
      { ranked: UNICODE.length, listed: 0 },
      [
        samples(
          ...UNICODE.map((word) => ({
            id: word,
            label: word,
            text: `${word} \0 \ud800`,
            [word]: { [word]: [word] },
          })),
        ),
        outputs(
          ...UNICODE.map((id, i) => ({
            id,
            logits: UNICODE.map((_, k) => k === i ? 3 : 0),
          })),
        ),
      ],
      { label_names: UNICODE, name: "👩‍👩‍👧‍👦", dataset: "ﷺ" },
    ),
    alone("texts of a megabyte", { ranked: 4, listed: 0 }, [
      samples(
        ...["a", "b", "c", "d"].map((id, i) => ({
          id,
          label: i % 2,
          text: LARGE_TEXT + id,
        })),
      ),
      outputs(...["a", "b", "c", "d"].map((id) => ({ id, logits: [1, 2] }))),
    ]),
    alone(
      "images that are none, beside one that is",
      { ranked: 5, listed: 3, rules: [/image/] },
      [
        samples(
          { id: "a", label: 0, image: `data:image/png;base64,${PIXEL}` },
          { id: "b", label: 1, image: `data:image/png;base64,${PIXEL}` },
          {
            id: "c",
            label: 0,
            image: `data:image/png;base64,${PIXEL.slice(0, 40)}`,
          },
          {
            id: "d",
            label: 1,
            image: `data:image/png;base64,${btoa("<svg/>")}`,
          },
        ),
        {
          kind: "samples",
          type: ARROW,
          query: { seq: "1" },
          body: stream({ id: ["e"], image: [new Uint8Array(0)] }, {
            id: utf8(),
            image: binary(),
          }),
        },
      ],
    ),
  ];
}

function metadata(): BadInput[] {
  const schema = {
    type: "object",
    properties: { folder: { type: "string", maxLength: 3 } },
    required: ["folder"],
    additionalProperties: false,
  };
  let deep: unknown = 1;
  for (let i = 0; i < 30; i++) deep = { deep };
  return [
    {
      name: "metadata against its schema",
      isAlone: true,
      run: { metadata_schema: schema },
      parts: [
        samples(
          { id: "a", label: 0, folder: "in" },
          { id: "b", label: 1, folder: 5 },
          { id: "c", label: 0, folder: "long" },
          { id: "d", label: 1 },
          { id: "e", label: 1, folder: "in", more: 1 },
        ),
        outputs({ id: "a", logits: [1, 2] }),
      ],
      ends: {
        ranked: 1,
        listed: 4,
        rules: [/column "folder" must be string/, /must NOT have additional/],
      },
    },
    listed(
      "metadata too deep, too long, or of one name",
      samples(
        { id: "m0", deep },
        { id: "m1", long: "x".repeat(20_000) },
        { id: "m2", list: Array(20_000).fill(0) },
        { id: "m3", a: 1, "a\0": 2 },
      ),
      4,
      /nested at most 20 levels/,
      /at most 16384 characters of JSON/,
      /names that differ/,
    ),
    {
      name: "metadata of names that objects have",
      parts: [{
        kind: "samples",
        body:
          '{"id": "m", "__proto__": {"a": 1}, "constructor": 1, "toString": null, "hasOwnProperty": 2}',
      }],
      ends: { ranked: N_GOOD + 1, listed: 0 },
    },
  ];
}

function atTheEdge(): BadInput[] {
  const run = (
    name: string,
    body: BadInput["run"],
    rule: RegExp,
    status = 400,
  ) => refused(name, status, rule, { run: body! });
  const schema = (name: string, metadata_schema: unknown, rule: RegExp) =>
    run(`a metadata schema ${name}`, { metadata_schema }, rule);
  const part = (
    name: string,
    sent: Partial<BadPart>,
    rule: RegExp,
    status = 400,
  ) =>
    refused(name, status, rule, {
      isAlone: true,
      parts: [{ kind: "samples", body: "{}", ...sent }],
    });
  let deep: unknown = { type: "string" };
  for (let i = 0; i < 5_000; i++) deep = { properties: { a: deep } };
  return [
    run("a run that is no JSON", "{", /it is no JSON/),
    run("a run that is a list", "[]", /expected object/),
    run("a run without classes", { label_names: [] }, /label_names/),
    run("a run of classes of one name", { label_names: ["a", "a"] }, /unique/),
    run("a run of a class with NUL", { label_names: ["a\0"] }, /without NUL/),
    run("a run with half a character", { name: "\ud800" }, /well-formed/),
    run("a run with words we do not know", { colour: 1 }, /colour/),
    run("a run of more than 1 MB", "x".repeat(1_100_000), /1048576 bytes/, 413),
    run("a run of writers without end", { writers: 1e9 }, /writers/),
    schema("with a pattern", {
      type: "object",
      properties: { a: { pattern: "(a+)+$" } },
    }, /pattern/),
    schema("with a reference", {
      type: "object",
      properties: { a: { $ref: "https://example.com/x" } },
    }, /\$ref/),
    schema("of a depth that ends stacks", {
      type: "object",
      properties: { deep },
    }, /at most 12 levels/),
    schema("of too many values", {
      type: "object",
      properties: { a: { enum: Array(30_000).fill(1) } },
    }, /at most 20000 values/),
    schema("about a reserved column", {
      type: "object",
      properties: { text: { type: "string" } },
    }, /reserved column/),
    schema("that is a list", [], /metadata_schema/),
    part(
      "a part of a type we do not read",
      { type: "text/csv" },
      /Content-Type must be/,
      415,
    ),
    part("a part without a type", { type: "" }, /Content-Type must be/, 415),
    part(
      "a part packed as we do not read",
      { encoding: "br" },
      /Content-Encoding must be/,
      415,
    ),
    part("a part of no bytes", { body: "" }, /its body is empty/),
    part(
      "a part of more than 32 MB",
      { body: new Uint8Array(33 * 1024 ** 2) },
      /at most 33554432 bytes; send it as several parts/,
      413,
    ),
    part("a part of no split", { query: { split: "all" } }, /split/),
    part("a part of a negative epoch", { query: { epoch: "-1" } }, /epoch/),
    part("a part of an endless seq", { query: { seq: "9".repeat(40) } }, /seq/),
    part("a part with a query we do not know", { query: { a: "1" } }, /a/),
  ];
}
