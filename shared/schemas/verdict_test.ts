// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { parseVerdictsRequest } from "./verdict.ts";

const verdict = {
  verdict_id: "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d",
  sample_id: "a",
  verdict: "keep",
};

Deno.test("parseVerdictsRequest() fills in what is left out", () => {
  assert.deepEqual(parseVerdictsRequest({ verdicts: [verdict] }), [{
    ...verdict,
    split: null,
    label: null,
    comment: null,
  }]);
});

Deno.test("parseVerdictsRequest() asks for a label with relabel, and only there", () => {
  const relabel = { ...verdict, verdict: "relabel" };
  assert.throws(
    () => parseVerdictsRequest({ verdicts: [relabel] }),
    /verdicts\[0\]\.label/,
  );
  assert.throws(
    () => parseVerdictsRequest({ verdicts: [{ ...verdict, label: "x" }] }),
    /verdicts\[0\]\.label/,
  );
  assert.equal(
    parseVerdictsRequest({ verdicts: [{ ...relabel, label: "x" }] })[0]!.label,
    "x",
  );
});

Deno.test("parseVerdictsRequest() refuses one id twice, none, and more than a thousand", () => {
  assert.throws(
    () => parseVerdictsRequest({ verdicts: [verdict, verdict] }),
    /verdict_id/,
  );
  assert.throws(() => parseVerdictsRequest({ verdicts: [] }), /verdicts/);
  const many = Array.from(
    { length: 1_001 },
    () => ({ ...verdict, verdict_id: crypto.randomUUID() }),
  );
  assert.throws(() => parseVerdictsRequest({ verdicts: many }), /verdicts/);
});
