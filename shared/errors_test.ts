import assert from "node:assert/strict";
import { AppError, ERRORS } from "./errors.ts";

Deno.test("AppError keeps its code, cause and details", () => {
  const cause = new Error("disk");
  const error = new AppError("parts_missing", "Cannot finish run", {
    cause,
    details: { missing: [3] },
  });
  assert.equal(error.code, "parts_missing");
  assert.equal(error.cause, cause);
  assert.deepEqual(error.details, { missing: [3] });
});

Deno.test("ERRORS marks as retryable exactly what may work later: 429, and faults of the server", () => {
  for (const [code, { status, retryable }] of Object.entries(ERRORS)) {
    assert.equal(retryable, status === 429 || status >= 500, code);
  }
});
