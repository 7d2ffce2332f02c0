import assert from "node:assert/strict";
import { formatTable } from "./table.ts";

Deno.test("formatTable() aligns numbers to the right, the rest to the left", () => {
  assert.equal(
    formatTable(["name", "n"], [["ham", 7], ["spam", "120"], [null, null]]),
    [
      "name    n",
      "----  ---",
      "ham     7",
      "spam  120",
      "",
    ].join("\n"),
  );
});

Deno.test("formatTable() keeps each row on its line, shortens long cells and disarms what steers a terminal", () => {
  const [, , row] = formatTable(["t"], [["a\nb\x1b[31m" + "é".repeat(80)]])
    .split("\n");
  assert.ok(row!.startsWith("a b�[31mé"));
  assert.ok(row!.endsWith("…"));
  assert.equal([...row!].length, 60);
});

Deno.test("formatTable() writes dates, bytes and JSON as SQL users know them", () => {
  const values = [new Date(0), Uint8Array.of(1, 255), { a: [1] }, true];
  assert.match(
    formatTable(["d", "b", "j", "t"], [values]),
    /1970-01-01T00:00:00\.000Z {2}\\x01ff {2}\{"a":\[1\]\} {2}true$/,
  );
});

Deno.test("formatTable() lists whole values, one below the other, when expanded", () => {
  const long = "x".repeat(100);
  assert.equal(
    formatTable(["a", "long"], [[1, long], [2, "y\nz"]], true),
    `-- row 1\na     1\nlong  ${long}\n-- row 2\na     2\nlong  y\nz`,
  );
});

Deno.test("formatTable() of no rows is the names alone", () => {
  assert.equal(formatTable(["a"], []), "a\n-");
});
