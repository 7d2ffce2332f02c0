import assert from "node:assert/strict";
import { parseAuditRequest, parseAuditSampleQuery } from "./audit.ts";

Deno.test("parseAuditRequest() draws 100 samples unless it is told otherwise", () => {
  assert.deepEqual(parseAuditRequest({}), { n_samples: 100, seed: 0 });
  assert.deepEqual(parseAuditRequest({ n_samples: 30, seed: 7 }), {
    n_samples: 30,
    seed: 7,
  });
});

Deno.test("parseAuditRequest() refuses what is no audit", () => {
  for (
    const body of [
      { n_samples: 9 },
      { n_samples: 2001 },
      { n_samples: 1.5 },
      { seed: -1 },
      { seed: 2 ** 31 },
      { n: 100 },
      null,
    ]
  ) {
    assert.throws(() => parseAuditRequest(body), { code: "validation_failed" });
  }
});

Deno.test("parseAuditSampleQuery() gives what remains unless all are asked for", () => {
  assert.equal(parseAuditSampleQuery({}).state, "remaining");
  assert.equal(parseAuditSampleQuery({ state: "all" }).state, "all");
  assert.throws(() => parseAuditSampleQuery({ state: "done" }), {
    code: "validation_failed",
  });
});
