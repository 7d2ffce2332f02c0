import assert from "node:assert/strict";
import {
  dictionary,
  fixedSizeList,
  float16,
  float32,
  float64,
  int64,
  largeUtf8,
  list,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import { decodePart } from "./mod.ts";
import { outputRows } from "./output_rows.ts";
import { Problems } from "./problems.ts";
import type { RowTable } from "./row_table.ts";
import { sampleRows } from "./sample_row.ts";

const PART = "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11";
const ARROW = "application/vnd.apache.arrow.stream";
const RULES = { labelNames: ["ham", "spam"], checkMetadata: null };

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function ndjson(rows: unknown[]): Promise<RowTable> {
  return decodePart(
    bytes(rows.map((r) => JSON.stringify(r)).join("\n")),
    "application/x-ndjson",
    "identity",
  );
}

function arrow(
  columns: Record<string, unknown>,
  types: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  const table = tableFromArrays(columns as never, { types: types as never });
  return tableToIPC(table, { format: "stream" }) as Uint8Array<ArrayBuffer>;
}

async function gzip(
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([data]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function samples(
  table: RowTable,
  rules: Parameters<typeof sampleRows>[2] = RULES,
) {
  const problems = new Problems();
  return {
    rows: [...sampleRows(table, PART, rules, problems)],
    problems: problems.list(),
  };
}

function outputs(table: RowTable, width = 0) {
  const problems = new Problems();
  const rowOf = (id: string) => ({ a: 0, b: 1 } as Record<string, number>)[id];
  const rows = outputRows(table, PART, {
    rowOf,
    nClasses: 2,
    split: "training",
    width,
  }, problems);
  return { rows, problems: problems.list() };
}

Deno.test("decodePart() reads the same rows from NDJSON, JSON, Arrow and gzip", async () => {
  const rows = [{ id: "a", label: "ham", text: "x" }, {
    id: "b",
    label: null,
    text: "ä",
  }];
  const text = rows.map((r) => JSON.stringify(r)).join("\n") + "\n";
  const stream = arrow(
    { id: ["a", "b"], label: ["ham", null], text: ["x", "ä"] },
    { id: dictionary(utf8()), label: utf8(), text: largeUtf8() },
  );
  const tables = await Promise.all([
    decodePart(bytes(text), "application/x-ndjson", "identity"),
    decodePart(bytes(JSON.stringify(rows)), "application/json", "identity"),
    decodePart(stream, ARROW, "identity"),
    decodePart(await gzip(bytes(text)), "application/x-ndjson", "gzip"),
    decodePart(await gzip(stream), ARROW, "gzip"),
  ]);
  const first = samples(tables[0]!);
  assert.deepEqual(first.rows.map((r) => [r.id, r.label, r.text]), [[
    "a",
    0,
    "x",
  ], ["b", -1, "ä"]]);
  for (const table of tables.slice(1)) assert.deepEqual(samples(table), first);
});

Deno.test("decodePart() refuses what is cut short anywhere, and never crashes", async () => {
  const stream = arrow({ id: ["a", "b"], logits: [[1, 2], [3, 4]] }, {
    id: utf8(),
    logits: fixedSizeList(float32(), 2),
  });
  let refused = 0;
  for (let length = 0; length < stream.length; length += 3) {
    try {
      const table = await decodePart(
        stream.slice(0, length),
        ARROW,
        "identity",
      );
      assert.ok(table.nRows === 0 || table.nRows === 2);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "unusable_input");
      refused++;
    }
  }
  assert.ok(refused > 10);
  const zipped = await gzip(bytes("[]"));
  await assert.rejects(
    decodePart(zipped.slice(0, -4), "application/json", "gzip"),
    { code: "unusable_input", message: /no whole gzip/ },
  );
});

Deno.test("decodePart() refuses other content with the rule it breaks", async () => {
  const refused = async (
    data: Uint8Array<ArrayBuffer>,
    type: string,
    message: RegExp,
  ) =>
    await assert.rejects(decodePart(data, type, "identity"), {
      code: "unusable_input",
      message,
    });
  await refused(
    bytes("hello world, no arrow"),
    ARROW,
    /no whole Arrow IPC stream/,
  );
  await refused(bytes("{"), "application/json", /no JSON/);
  await refused(bytes("{}"), "application/json", /must be a JSON array/);
  await refused(Uint8Array.of(0xff, 0xfe), "application/json", /no UTF-8/);
  await refused(bytes("a,b"), "text/csv", /type must be one of/);
});

Deno.test("decodePart() stops at a gzip bomb", async () => {
  const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      const chunk = new Uint8Array(4 * 1024 ** 2);
      for (let i = 0; i < 130; i++) controller.enqueue(chunk);
      controller.close();
    },
  });
  const bomb = new Uint8Array(
    await new Response(zeros.pipeThrough(new CompressionStream("gzip")))
      .arrayBuffer(),
  );
  assert.ok(bomb.length < 1e6);
  await assert.rejects(decodePart(bomb, "application/json", "gzip"), {
    message: /must not grow past/,
  });
});

Deno.test("sampleRows() takes ids of any integer width and labels by name or index", async () => {
  const table = await decodePart(
    arrow({ id: [2n ** 60n, 7n], label: [1n, 0n] }, {
      id: int64(),
      label: int64(),
    }),
    ARROW,
    "identity",
  );
  assert.deepEqual(samples(table).rows.map((r) => [r.id, r.label]), [[
    "1152921504606846976",
    1,
  ], ["7", 0]]);
});

Deno.test("sampleRows() names part, row, column, rule and value of what it cannot use", async () => {
  const { rows, problems } = samples(
    await ndjson([
      { id: "ok", label: 1 },
      { id: "", label: 1 },
      { id: "x", label: "eggs" },
      { id: "y", label: 2 },
      { id: "z", text: 5 },
      { id: "f", features: [1, null] },
      "no object",
      { id: 1.5 },
    ]),
  );
  assert.deepEqual(rows.map((r) => r.id), ["ok"]);
  assert.equal(problems.reduce((n, p) => n + p.nRows, 0), 7);
  assert.equal(
    problems.find((p) => p.column === "label")!.message,
    `Cannot use part ${PART}, row 2, column "label", as a label must be null, one of the run's 2 label names, or an index into them: current value is "eggs"`,
  );
  assert.equal(problems.find((p) => p.column === "label")!.nRows, 2);
});

Deno.test("sampleRows() keeps metadata, checks it, and hashes content, not labels", async () => {
  const table = await ndjson([
    { id: "a", label: 0, text: "same", folder: 3 },
    { id: "b", label: 1, text: "same", folder: "inbox" },
    { id: "c", text: "other" },
    { id: "d" },
  ]);
  const check = (metadata: unknown) =>
    typeof (metadata as { folder?: unknown }).folder === "string"
      ? 'column "folder" must be a number'
      : null;
  const { rows, problems } = samples(table, { ...RULES, checkMetadata: check });
  assert.deepEqual(rows.map((r) => [r.id, r.metadata, r.hasContent]), [
    ["a", { folder: 3 }, true],
    ["c", {}, true],
    ["d", {}, false],
  ]);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0]!.message,
    /row 1, as column "folder" must be a number/,
  );
  const free = samples(table).rows;
  assert.deepEqual(free[0]!.contentHash, free[1]!.contentHash);
  assert.notDeepEqual(free[0]!.contentHash, free[2]!.contentHash);
});

Deno.test("sampleRows() refuses a part without ids as a whole", async () => {
  const { rows, problems } = samples(
    await ndjson([{ text: "a" }, { text: "b" }]),
  );
  assert.equal(rows.length, 0);
  assert.deepEqual(problems.map((p) => [p.row, p.column, p.nRows]), [[
    null,
    "id",
    2,
  ]]);
});

Deno.test("outputRows() reads float lists of every width, with embeddings", async () => {
  const [id, values, embedding] = [["a", "b"], [[1, -1], [0.5, 2]], [
    [1, 2, 3],
    [4, 5, 6],
  ]];
  for (
    const type of [
      fixedSizeList(float16(), 2),
      fixedSizeList(float32(), 2),
      list(float64()),
    ]
  ) {
    const stream = arrow({ id, logits: values, embedding }, {
      id: utf8(),
      logits: type,
      embedding: list(float32()),
    });
    const { rows, problems } = outputs(
      await decodePart(stream, ARROW, "identity"),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(rows, {
      rows: Int32Array.of(0, 1),
      values: Float32Array.of(1, -1, 0.5, 2),
      kind: "logits",
      embeddings: Float32Array.of(1, 2, 3, 4, 5, 6),
      width: 3,
    });
  }
});

Deno.test("outputRows() lists unknown ids, wrong widths, NaN and probabilities that are none", async () => {
  const { rows, problems } = outputs(
    await ndjson([
      { id: "a", probs: [0.25, 0.75] },
      { id: "nobody", probs: [0.5, 0.5] },
      { id: "b", probs: [0.5] },
      { id: "b", probs: [0.5, null] },
      { id: "b", probs: [0.5, 0.9] },
      { id: "b", probs: [-0.5, 1] },
    ]),
  );
  assert.deepEqual(rows!.rows, Int32Array.of(0));
  assert.deepEqual(problems.map((p) => p.row), [1, 2, 3, 4, 5]);
  assert.match(
    problems[0]!.message,
    /row 1, column "id", as it must be the id of a usable sample of split training: current value is "nobody"/,
  );
  assert.match(
    problems[1]!.message,
    /must be a list of 2 numbers: current value is a list of 1/,
  );
  assert.match(problems[3]!.message, /must sum to 1/);
});

Deno.test("outputRows() lets -Infinity mask a class in logits, and nothing else", async () => {
  const stream = arrow(
    { id: ["a", "b"], logits: [[-Infinity, 1], [NaN, 1]] },
    { id: utf8(), logits: fixedSizeList(float32(), 2) },
  );
  const { rows, problems } = outputs(
    await decodePart(stream, ARROW, "identity"),
  );
  assert.deepEqual(rows!.values, Float32Array.of(-Infinity, 1));
  assert.equal(problems.length, 1);
});

Deno.test("outputRows() keeps the width of embeddings that the run began with", async () => {
  const table = await ndjson([{
    id: "a",
    logits: [1, 2],
    embedding: [1, 2, 3],
  }]);
  const { rows, problems } = outputs(table, 2);
  assert.equal(rows, null);
  assert.match(
    problems[0]!.message,
    /column "embedding", as it must be a list of 2 numbers/,
  );
});

Deno.test("sampleRows() stops taking texts where a part repeats one without end", () => {
  const text = "x".repeat(200 * 1024 ** 2);
  const { rows, problems } = samples({
    nRows: 4,
    names: ["id", "text"],
    namesOf: () => ["id", "text"],
    cell: (name, row) => name === "id" ? row : name === "text" ? text : null,
    unreadable: [],
  });
  assert.equal(rows.length, 2);
  assert.equal(problems[0]!.nRows, 2);
  assert.match(problems[0]!.message, /at most 536870912 characters together/);
});
