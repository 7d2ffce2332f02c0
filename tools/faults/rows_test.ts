import assert from "node:assert/strict";
import { without } from "./rows.ts";

Deno.test("without() counts what stands several times", () => {
  assert.deepEqual(without(["a", "b"], ["b", "a"]), []);
  assert.deepEqual(without(["a", "a", "b"], ["a"]), ["a", "b"]);
  assert.deepEqual(without(["a"], ["a", "a"]), []);
});
