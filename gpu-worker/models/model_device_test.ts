import assert from "node:assert/strict";
import { modelDevice } from "./model_device.ts";

Deno.test("modelDevice() is the CPU unless the worker's is asked for", () => {
  assert.equal(modelDevice(undefined, "cuda"), "cpu");
  assert.equal(modelDevice("", "cuda"), "cpu");
  assert.equal(modelDevice("cpu", "webgpu"), "cpu");
  assert.equal(modelDevice("worker", "cuda"), "cuda");
  assert.equal(modelDevice("worker", "cpu"), "cpu");
});

Deno.test("modelDevice() refuses what is neither", () => {
  assert.throws(() => modelDevice("cuda", "cuda"), {
    message:
      'Cannot start worker: ASSAY_MODEL_DEVICE must be cpu or worker: current value is "cuda"',
  });
});
