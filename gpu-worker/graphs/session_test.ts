import assert from "node:assert/strict";
import { type Device, openSession, resolveDevice } from "./session.ts";

Deno.test("resolveDevice() gives a device that works for auto", async () => {
  const device = await resolveDevice("auto");
  assert.ok(device === "cpu" || device === "cuda");
});

Deno.test("resolveDevice() never replaces a device asked for by name", async () => {
  for (const device of ["cuda", "webgpu"] as Device[]) {
    const outcome = await resolveDevice(device).catch((error) => error);
    if (outcome instanceof Error) {
      assert.match(outcome.message, new RegExp(`on device "${device}"`));
      assert.ok(outcome.cause instanceof Error);
    } else assert.equal(outcome, device);
  }
});

Deno.test("openSession() throws with a cause if the bytes are no model", async () => {
  await assert.rejects(openSession(Uint8Array.of(1, 2, 3)), (error: Error) => {
    assert.match(error.message, /Cannot open graph on device "cpu"/);
    return error.cause instanceof Error;
  });
});

Deno.test("a session takes a view into a larger buffer", async () => {
  const session = await openSession({
    name: "twice",
    inputs: { x: ["n"] },
    outputs: { y: ["n"] },
    nodes: [["Add", ["x", "x"], "y"]],
  });
  const x = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
  const { y } = await session.run({ x: { data: x, shape: [2] } });
  await session.release();
  assert.deepEqual(y!.data, Float32Array.of(2, 4));
});
