import assert from "node:assert/strict";
import {
  dictionary,
  nullType,
  tableFromArrays,
  tableToIPC,
  Type,
  utf8,
} from "@uwdata/flechette";
import { decodeArrow } from "./arrow.ts";
import { checkBatch, type ColumnBatch, MOST_BYTES } from "./arrow_layout.ts";

function batch(given: Partial<ColumnBatch>): ColumnBatch {
  return {
    length: 1,
    type: { typeId: Type.Int },
    isValid: () => true,
    ...given,
  };
}

/** Views of one buffer: length, prefix, buffer, offset. */
function views(...entries: [number, number, number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 * entries.length));
  entries.forEach(([length, buffer, start], i) => {
    view.setInt32(16 * i, length, true);
    view.setInt32(16 * i + 8, buffer, true);
    view.setInt32(16 * i + 12, start, true);
  });
  return new Uint8Array(view.buffer);
}

/** Replaces the only place of some 32-bit integers in a stream. */
function patch(
  stream: Uint8Array<ArrayBuffer>,
  from: readonly number[],
  to: readonly number[],
): Uint8Array<ArrayBuffer> {
  const words = new Int32Array(stream.buffer, 0, stream.length >> 2);
  const at = words.findIndex((_, i) =>
    from.every((n, j) => words[i + j] === n)
  );
  assert.ok(at >= 0);
  const changed = stream.slice();
  new Int32Array(changed.buffer).set(to, at);
  return changed;
}

Deno.test("checkBatch() counts values with those of lists", () => {
  const child = batch({ length: 6, values: new Float32Array(6) });
  const list = batch({
    length: 2,
    type: { typeId: Type.List },
    offsets: Int32Array.of(0, 2, 6),
    children: [child],
  });
  assert.equal(checkBatch(list), 8);
});

Deno.test("checkBatch() refuses a key without an entry, but not where the row is null", () => {
  const keys = { values: Int32Array.of(0, 7), length: 2, cache: ["a"] };
  const isValid = (i: number) => i === 0;
  const refused = /a key points outside/;
  assert.throws(() => checkBatch(batch({ ...keys, nullCount: 1 })), refused);
  assert.throws(
    () => checkBatch(batch({ ...keys, nullCount: 0, isValid })),
    refused,
  );
  assert.equal(checkBatch(batch({ ...keys, nullCount: 1, isValid })), 2);
});

Deno.test("checkBatch() refuses views outside their buffers, and views that overlap without end", () => {
  const data = [new Uint8Array(100)];
  const check = (...entries: [number, number, number][]) =>
    checkBatch(batch({
      length: entries.length,
      values: views(...entries),
      data,
    }));
  assert.equal(check([100, 0, 0], [12, 9, 9]), 2);
  assert.throws(() => check([100, 0, 1]), /a view points outside/);
  assert.throws(() => check([100, 1, 0]), /a view points outside/);
  assert.throws(() => check([-1, 0, 0]), /views may show/);
  const large = [new Uint8Array(MOST_BYTES / 2)];
  const [{ length }] = large as [Uint8Array];
  const entries = Array.from({ length: 3 }, (): [number, number, number] => [
    length,
    0,
    0,
  ]);
  assert.throws(
    () =>
      checkBatch(batch({ length: 3, values: views(...entries), data: large })),
    /views may show at most/,
  );
});

Deno.test("checkBatch() refuses one list of too many values", () => {
  const n = 2 ** 24 + 1;
  const child = batch({ length: n, values: new Uint8Array(n) });
  assert.throws(
    () =>
      checkBatch(batch({
        type: { typeId: Type.List },
        offsets: Int32Array.of(0, n),
        children: [child],
      })),
    /a list may have at most 16777216 values/,
  );
});

Deno.test("decodeArrow() refuses a dictionary whose offsets go backwards before it is read", () => {
  const stream = tableToIPC(
    tableFromArrays({ id: ["aaaaa", "bbbbb", "ccccc"] }, {
      types: { id: dictionary(utf8()) },
    }),
    { format: "stream" },
  ) as Uint8Array<ArrayBuffer>;
  assert.equal(decodeArrow(stream).cell("id", 2), "ccccc");
  assert.throws(
    () => decodeArrow(patch(stream, [0, 5, 10, 15], [0, 15, 0, 15])),
    {
      code: "unusable_input",
      message: /an offset points outside/,
    },
  );
});

Deno.test("decodeArrow() refuses a key that its dictionary does not have: the row would be unlabelled in silence", () => {
  const stream = tableToIPC(
    tableFromArrays({ label: ["ham", "spam", "ham", "spam", "list"] }, {
      types: { label: dictionary(utf8()) },
    }),
    { format: "stream" },
  ) as Uint8Array<ArrayBuffer>;
  const wrong = patch(stream, [0, 1, 0, 1, 2], [0, 1, 0, 1, 3]);
  assert.throws(() => decodeArrow(wrong), {
    code: "unusable_input",
    message: /a key points outside its dictionary/,
  });
});

Deno.test("decodeArrow() refuses a column that stands twice, and walks no column without values", () => {
  const table = tableFromArrays({ id: ["a"], ie: ["b"], empty: [null] }, {
    types: { id: utf8(), ie: utf8(), empty: nullType() },
  });
  const stream = tableToIPC(table, { format: "stream" }) as Uint8Array<
    ArrayBuffer
  >;
  assert.deepEqual(decodeArrow(stream).namesOf(0), ["id", "ie"]);
  assert.deepEqual(decodeArrow(stream).names, ["id", "ie", "empty"]);
  const twice = stream.slice();
  const at = new TextDecoder("latin1").decode(twice).indexOf("ie\0");
  twice[at + 1] = "d".charCodeAt(0);
  assert.throws(() => decodeArrow(twice), {
    code: "unusable_input",
    message: /"id" stands twice/,
  });
});
