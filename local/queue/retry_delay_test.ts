import assert from "node:assert/strict";
import { evaluate, retryDelayMs } from "./retry_delay.ts";

Deno.test("retryDelayMs() backs off by e^(2.5 n) seconds, a day at most", () => {
  const seconds = [0, 1, 2, 3, 4, 9].map((retried) =>
    Math.round(retryDelayMs(retried, null, null, 0) / 1000)
  );
  assert.deepEqual(seconds, [12, 148, 1808, 22026, 86400, 86400]);
});

Deno.test("retryDelayMs() obeys Retry-After in seconds, as a date and as a duration", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const after = (value: string) =>
    retryDelayMs(0, "5", new Headers({ "retry-after": value }), now);
  assert.equal(after("7"), 7000);
  assert.equal(after("Thu, 01 Jan 2026 00:00:30 GMT"), 30_000);
  assert.equal(after("1m30s"), 90_000);
  assert.equal(after("1s500ms"), 1500);
  assert.equal(after("250us"), 0.25);
  assert.equal(after("0"), 0);
});

Deno.test("evaluate() computes with retried, functions and precedence", () => {
  assert.equal(evaluate("1000 * (1 + retried)", 2), 3000);
  assert.equal(evaluate("min(pow(2, retried) * 100, 500) - -1", 3), 501);
});

Deno.test("evaluate() refuses anything else", () => {
  for (const text of ["", "1 +", "constructor(1)", "retried; 1", "1 2"]) {
    assert.throws(() => evaluate(text, 0), SyntaxError, text);
  }
});

Deno.test("retryDelayMs() backs off as usual where an expression has no value", () => {
  assert.equal(
    retryDelayMs(1, "sqrt(0 - retried)", null, 0),
    retryDelayMs(1, null, null, 0),
  );
});

Deno.test("retryDelayMs() does not look at an answer that asks for more than a day", () => {
  const after = (value: string) =>
    retryDelayMs(0, "5", new Headers({ "retry-after": value }), 0);
  assert.equal(after("86400"), 86_400_000);
  assert.equal(after("86401"), 5);
});
