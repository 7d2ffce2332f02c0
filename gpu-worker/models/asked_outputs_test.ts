import assert from "node:assert/strict";
import { AskedOutputs } from "./asked_outputs.ts";

const plan = (embeddingWidth: number | null) => ({
  scores: "logits",
  embedding: "embedding",
  embeddingWidth,
});

Deno.test("AskedOutputs asks for embeddings that can be kept", () => {
  for (const [n, width] of [[50_000, 2_048], [7_629, 65_536], [0, 65_536]]) {
    const asked = new AskedOutputs(plan(width!), n!, true);
    assert.deepEqual(asked.names, ["logits", "embedding"]);
    assert.equal(asked.leftOut, null);
  }
});

Deno.test("AskedOutputs leaves out what nobody named and cannot be kept", () => {
  const asked = new AskedOutputs(plan(25_088), 50_000, false);
  assert.deepEqual(asked.names, ["logits"]);
  assert.equal(
    asked.leftOut,
    "embeddings of all samples must take at most 2 GB: they have 25088 numbers for each of 50000",
  );
  const wide = new AskedOutputs(plan(65_537), 1, false);
  assert.equal(
    wide.leftOut,
    "embeddings must have at most 65536 numbers: they have 65537",
  );
});

Deno.test("AskedOutputs leaves it out once it is seen", () => {
  const asked = new AskedOutputs(plan(null), 1, false);
  assert.deepEqual(asked.names, ["logits", "embedding"]);
  asked.see(70_000);
  assert.deepEqual(asked.names, ["logits"]);
  asked.see(0);
  assert.match(asked.leftOut!, /they have 70000/);
});

Deno.test("AskedOutputs refuses what its owner named and cannot be kept", () => {
  assert.throws(() => new AskedOutputs(plan(25_088), 50_000, true), {
    code: "unusable_input",
    message: /^Cannot use model as its embeddings of all samples must take/,
  });
  const asked = new AskedOutputs(plan(null), 1, true);
  assert.throws(() => asked.see(70_000), { code: "unusable_input" });
});

Deno.test("AskedOutputs asks for scores alone where there is nothing else", () => {
  const none = { scores: "logits", embedding: null, embeddingWidth: null };
  assert.deepEqual(new AskedOutputs(none, 5, false).names, ["logits"]);
});
