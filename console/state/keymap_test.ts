import assert from "node:assert/strict";
import { actionOf, hint, KEYMAP, keyName } from "./keymap.ts";

const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
  keyName({
    key,
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...held,
  });

Deno.test("KEYMAP gives no key two meanings", () => {
  const keys = KEYMAP.flatMap((b) => b.keys);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("keyName() knows shifted letters, and signs by what they print", () => {
  assert.equal(press("J", { shiftKey: true }), "shift+j");
  assert.equal(press("?", { shiftKey: true }), "?");
  assert.equal(press("ArrowDown", { shiftKey: true }), "shift+ArrowDown");
  assert.equal(press("z", { metaKey: true }), "ctrl+z");
  assert.equal(press("Q"), "q"); // caps lock
});

Deno.test("keys of the browser mean nothing here", () => {
  assert.equal(actionOf(press("n", { ctrlKey: true })), null);
  assert.equal(actionOf(press("q", { altKey: true })), null);
});

Deno.test("actionOf() tells which class a digit chooses", () => {
  assert.deepEqual(actionOf("3"), { action: "class", index: 2 });
  assert.equal(hint("skip"), "space");
});
