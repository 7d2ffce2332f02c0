import assert from "node:assert/strict";
import { encoderKey } from "./encoder_key.ts";

Deno.test("encoderKey() is the same for the same files, and another for others, in another order, of another kind", async () => {
  const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  const keys = await Promise.all([
    encoderKey("sentence", a, b),
    encoderKey("sentence", b, a),
    encoderKey("sentence", a),
    encoderKey("tokens", a, b),
    encoderKey("sentence"),
  ]);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(await encoderKey("sentence", a.slice(), b.slice()), keys[0]);
});
