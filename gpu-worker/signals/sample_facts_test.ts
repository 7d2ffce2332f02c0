import assert from "node:assert/strict";
import { factColumns, sampleFacts } from "./sample_facts.ts";
import { textFacts } from "./text_facts.ts";

Deno.test("sampleFacts() are those of the text, and whether features are there and differ", () => {
  const text = "Where is my card?";
  const facts = sampleFacts({ text, features: [1, 1, NaN] });
  assert.equal(facts.text_length, textFacts(text).length);
  assert.equal(facts.text_letter_share, textFacts(text).letterShare);
  assert.equal(facts.features_missing_share, 1 / 3);
  assert.equal(facts.features_constant, 0);
  assert.equal(sampleFacts({ text: null, features: [5] }).features_constant, 0);
  assert.deepEqual(sampleFacts({ text: null, features: null }), {});
});

Deno.test("factColumns() has NaN where a sample has no such content, and counts features that only some lack", () => {
  const columns = factColumns(
    [
      sampleFacts({ text: null, features: [1, 2] }),
      sampleFacts({ text: "Hello", features: null }),
      {},
    ],
    [true, true, false],
  );
  assert.deepEqual(columns.text_length, Float32Array.of(NaN, 5, NaN));
  assert.deepEqual(
    columns.features_missing_share,
    Float32Array.of(0, NaN, 1),
  );
  assert.deepEqual(factColumns([{}, {}], [false, false]), {});
});
