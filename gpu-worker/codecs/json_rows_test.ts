import assert from "node:assert/strict";
import { decodeJson, decodeNdjson } from "./json_rows.ts";

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

Deno.test("decodeNdjson() reads lines of any ending, in any order, and skips blank ones", () => {
  const table = decodeNdjson(
    bytes('\ufeff{"id": 1}\r\n\n  \t\r\n {"id": 2, "x": null}\n{"id": 3}'),
  );
  assert.equal(table.nRows, 3);
  assert.deepEqual(table.names, ["id", "x"]);
  assert.deepEqual([2, 0, 1, 1].map((row) => table.cell("id", row)), [
    3,
    1,
    2,
    2,
  ]);
  assert.deepEqual(table.namesOf(0), ["id"]);
  assert.equal(table.cell("x", 1), null);
  assert.equal(table.cell("toString", 0), null);
});

Deno.test("decodeNdjson() lists a line that is no UTF-8, no JSON or no object, and reads the others", () => {
  const good = bytes('{"id": 1}\n');
  const table = decodeNdjson(Uint8Array.from([
    ...good,
    0xff,
    0xfe,
    10,
    ...good,
    ...bytes('{"id":\n[1]\nnull\n"x"\n'),
    ...good,
  ]));
  assert.equal(table.nRows, 8);
  assert.deepEqual(table.unreadable.map((u) => [u.row, u.rule]), [
    [1, "a line must be UTF-8"],
    [3, "a line must be a JSON object"],
    [4, "a line must be a JSON object"],
    [5, "a line must be a JSON object"],
    [6, "a line must be a JSON object"],
  ]);
  assert.equal(table.cell("id", 7), 1);
  assert.deepEqual(table.namesOf(4), []);
});

Deno.test("decodeNdjson() lists a line of more than 32 MB, and refuses more than 4,000,000 rows", () => {
  const long = new Uint8Array(33 * 1024 ** 2).fill(32);
  long.set(bytes('{"id":"'));
  long.fill(97, 7, long.length - 2);
  long.set(bytes('"}'), long.length - 2);
  const { nRows, unreadable } = decodeNdjson(long);
  assert.equal(nRows, 1);
  assert.match(unreadable[0]!.rule, /at most 33554432 bytes/);
  const many = new Uint8Array(3 * 4_000_001).fill(10);
  many.set(bytes("{}\n"));
  for (let done = 3; done < many.length; done *= 2) {
    many.copyWithin(done, 0, Math.min(done, many.length - done));
  }
  assert.throws(() => decodeNdjson(many), {
    code: "unusable_input",
    message: /at most 4000000 rows/,
  });
});

Deno.test("decodeNdjson() walks a row's own columns, however many names the rows have together", () => {
  const n = 30_000;
  const table = decodeNdjson(bytes(
    Array.from({ length: n }, (_, i) => `{"id": ${i}, "k${i}": 1}`).join("\n"),
  ));
  assert.equal(table.names.length, n + 1);
  let nCells = 0;
  for (let row = 0; row < n; row++) nCells += table.namesOf(row).length;
  assert.equal(nCells, 2 * n);
});

Deno.test("decodeJson() refuses more than 32 MB, and survives any depth", () => {
  assert.throws(() => decodeJson(new Uint8Array(33 * 1024 ** 2)), {
    code: "unusable_input",
    message: /at most 33554432 bytes when unpacked: send an object a line/,
  });
  const depth = 1_000_000;
  const deep = "[".repeat(depth) + "]".repeat(depth);
  const table = decodeJson(bytes(`[{"id": 1, "m": ${deep}}, ${deep}]`));
  assert.deepEqual(table.unreadable.map((u) => u.row), [1]);
});
