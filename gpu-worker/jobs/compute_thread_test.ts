import assert from "node:assert/strict";
import { AppError } from "@shared/errors.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { EchoProgram } from "./testing/echo_worker.ts";

const MODULE = new URL("./testing/echo_worker.ts", import.meta.url);

function open(signal = new AbortController().signal) {
  return new ComputeThread<EchoProgram>(MODULE, signal);
}

Deno.test("ComputeThread answers one request after the other, and keeps what it has", async () => {
  using thread = open();
  const fractions: number[] = [];
  const onProgress = (fraction: number) => fractions.push(fraction);
  assert.equal(await thread.call("add", 2, { onProgress }), 2);
  assert.equal(await thread.call("add", 3, { onProgress }), 5);
  assert.deepEqual(fractions, [0.5, 1, 0.5, 1]);
});

Deno.test("ComputeThread throws what its thread threw, and goes on", async () => {
  using thread = open();
  await assert.rejects(thread.call("fail", "k must be above 0"), {
    name: "RangeError",
    message: "k must be above 0",
  });
  const refused = thread.call("refuse", "no row can be used");
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "unusable_input");
    assert.equal(error.message, "no row can be used");
    return true;
  });
  assert.equal(await thread.call("add", 1), 1);
});

Deno.test("ComputeThread takes buffers that the thread gives away", async () => {
  using thread = open();
  assert.deepEqual(await thread.call("fill", 3), Float32Array.of(2, 2, 2));
});

Deno.test("ComputeThread gives buffers away, and copies what else it is asked", async () => {
  using thread = open();
  const given = new ArrayBuffer(8);
  await thread.call("add", 1, { transfer: [given] });
  assert.equal(given.byteLength, 0);
});

Deno.test("ComputeThread ends a thread that blocks when its signal aborts", async () => {
  const stopping = new AbortController();
  using thread = open(stopping.signal);
  await thread.call("add", 1); // it runs
  const hanging = thread.call("hang", null);
  stopping.abort(new Error("cancelled"));
  await assert.rejects(hanging, { message: "cancelled" });
  await assert.rejects(thread.call("add", 1), { message: "cancelled" });
  assert.throws(() => open(stopping.signal), { message: "cancelled" });
});

Deno.test("ComputeThread says that its thread ended by itself", async () => {
  using thread = open();
  await assert.rejects(thread.call("crash", null), {
    message: /The compute thread ended: .*nobody catches this/,
  });
  await assert.rejects(thread.call("add", 1), {
    message: /The compute thread ended/,
  });
});
