import assert from "node:assert/strict";
import { AssayError } from "./error.ts";
import { delayMs, isRetryable, pause, retry } from "./retry.ts";

const failure = (status: number, retryAfterMs: number | null = null) =>
  new AssayError("busy", status, "busy", {}, retryAfterMs);

Deno.test("retry() tries what may pass until it goes through", async () => {
  const failures = [failure(0, 0), failure(429, 0), failure(503, 0)];
  let tries = 0;
  const value = await retry(() => {
    const next = failures[tries++];
    return next ? Promise.reject(next) : Promise.resolve("through");
  }, { giveUpMs: 60_000 });
  assert.deepEqual([value, tries], ["through", 4]);
});

Deno.test("retry() ends with what cannot pass, with its last failure, and with the signal's reason", async () => {
  for (const error of [failure(403), new TypeError("a bug")]) {
    let tries = 0;
    const call = retry(() => {
      tries++;
      return Promise.reject(error);
    }, { giveUpMs: 60_000 });
    await assert.rejects(call, error);
    assert.equal(tries, 1);
  }
  const away = failure(503);
  await assert.rejects(
    retry(() => Promise.reject(away), { giveUpMs: 100 }), // less than the first pause
    away,
  );
  const stop = new AbortController();
  const reason = new Error("enough");
  setTimeout(() => stop.abort(reason), 20);
  await assert.rejects(
    retry(() => Promise.reject(failure(503, 60_000)), {
      giveUpMs: 600_000,
      signal: stop.signal,
    }),
    reason,
  );
});

Deno.test("isRetryable() knows what may go through later", () => {
  const passing = [0, 408, 423, 425, 429, 500, 502, 503];
  for (const status of passing) assert.ok(isRetryable(failure(status)));
  for (const status of [400, 401, 403, 404, 409, 413]) {
    assert.ok(!isRetryable(failure(status)));
  }
  assert.ok(!isRetryable(new Error("no answer")));
});

Deno.test("delayMs() grows to five seconds, unless the server said how long", () => {
  const growing = [0, 1, 2, 3, 4, 5, 50].map((n) => delayMs(failure(0), n));
  assert.deepEqual(growing, [200, 400, 800, 1600, 3200, 5000, 5000]);
  assert.equal(delayMs(failure(429, 30_000), 0), 30_000);
});

Deno.test("pause() leaves no listener behind", async () => {
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    listening++;
    add(...args);
  }) as typeof add;
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    listening--;
    remove(...args);
  }) as typeof remove;
  await pause(1, signal);
  assert.equal(listening, 0);
});
