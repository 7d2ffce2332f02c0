import assert from "node:assert/strict";
import { metadataOf } from "./metadata_row.ts";
import type { RowTable } from "./row_table.ts";

function metadata(row: Record<string, unknown>): unknown {
  const table: RowTable = {
    nRows: 1,
    names: Object.keys(row),
    namesOf: () => Object.keys(row),
    cell: (name) => row[name] ?? null,
    unreadable: [],
  };
  return metadataOf(table, 0);
}

Deno.test("metadataOf() leaves content out, and says as null what JSON cannot hold", () => {
  assert.deepEqual(
    metadata({
      id: 1,
      text: "x",
      n: 2n,
      big: 2n ** 60n,
      list: Float32Array.of(0.5, NaN),
      at: { bytes: Uint8Array.of(1), s: "a\0\ud800" },
      missing: null,
    }),
    {
      n: 2,
      big: "1152921504606846976",
      list: [0.5, null],
      at: { bytes: null, s: "a\ufffd" },
    },
  );
});

Deno.test("metadataOf() keeps a column that is named as objects name their origin", () => {
  const found = metadata(JSON.parse('{"__proto__": {"a": 1}}')) as object;
  assert.deepEqual(Object.entries(found), [["__proto__", { a: 1 }]]);
});

Deno.test("metadataOf() refuses what is too deep or too long without looking at all of it", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 50_000; i++) deep = [deep];
  assert.match(metadata({ deep }) as string, /at most 20 levels/);
  const endless: ArrayLike<unknown> = new Proxy([], {
    get: (_, name) =>
      name === "length" ? 1e9 : assert.fail(`asked for ${String(name)}`),
  });
  const rule = /at most 16384 characters of JSON/;
  assert.match(metadata({ endless }) as string, rule);
  assert.match(metadata({ s: "x".repeat(16_385) }) as string, rule);
  assert.match(
    metadata({ a: "x".repeat(9_000), b: "y".repeat(9_000) }) as string,
    rule,
  );
});

Deno.test("metadataOf() refuses two names that are one in the database", () => {
  assert.match(metadata({ a: 1, "a\0": 2 }) as string, /names that differ/);
});
