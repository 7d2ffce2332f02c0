import assert from "node:assert/strict";
import { Contents, previewOf } from "./contents.ts";

Deno.test("previewOf() cuts at 2 kB between characters and drops NUL", () => {
  assert.equal(previewOf("a\0b"), "ab");
  const cut = previewOf("ä".repeat(2000));
  assert.equal(new TextEncoder().encode(cut).length, 2048);
  assert.equal(cut, "ä".repeat(1024));
  assert.equal(previewOf("x".repeat(2047) + "ä"), "x".repeat(2047));
});

Deno.test("Contents keeps what is longer than its preview, by offset", () => {
  const contents = new Contents("p/r/contents/t-1");
  assert.equal(contents.add("short"), -1);
  assert.equal(contents.placeOf(-1), null);
  const [first, second] = ["a".repeat(3000), "ä".repeat(3000)];
  const places = [contents.add(first), contents.add(second)];
  const files = new Map(
    contents.paths().map((path) => [path, contents.take(path)]),
  );
  assert.equal(files.size, 1);
  for (const [i, text] of [first, second].entries()) {
    const { path, offset, bytes } = contents.placeOf(places[i]!)!;
    const found = files.get(path)!.subarray(offset, offset + bytes);
    assert.equal(new TextDecoder().decode(found), text);
  }
});
