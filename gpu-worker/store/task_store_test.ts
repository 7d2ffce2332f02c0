import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { AppError } from "@shared/errors.ts";
import { World } from "../jobs/testing/world.ts";
import { describe } from "./task_store.ts";

const HOSTILE = new AppError(
  "unusable_input",
  `Cannot use model as it has "a\0b\ud800c" ${"𝄞".repeat(3_000)}`,
);

Deno.test("describe() leaves a sentence that PostgreSQL takes", () => {
  const { code, message, isRetryable } = describe(HOSTILE);
  assert.deepEqual([code, isRetryable], ["unusable_input", false]);
  assert.match(message, /^Cannot use model as it has "a\ufffdb\ufffdc" 𝄞𝄞/);
  assert.ok(message.length <= 4_000);
  assert.ok(message.isWellFormed());
  const kept = new AppError("unusable_input", "Cannot use model");
  assert.equal(describe(kept).message, "Cannot use model");
});

Deno.test("describe() says nothing of an error of the worker's own but its name", () => {
  const { code, message } = describe(new TypeError("secret"));
  assert.equal(code, "internal");
  assert.match(message, /\(TypeError\)/);
  assert.ok(!message.includes("secret"));
});

for (const engine of testEngines()) {
  Deno.test(`fail() notes a sentence with what no text may hold on ${engine.name}`, async () => {
    const world = await World.create(engine);
    try {
      const { runId, taskId } = await world.log([]);
      const { outcome } = await world.deliver(taskId, () => {
        throw HOSTILE;
      });
      assert.equal(outcome, "failed");
      const [job] = await world
        .admin`select error from assay.jobs where run_id = ${runId}`;
      assert.equal(job!.error, describe(HOSTILE).message);
    } finally {
      await world.drop();
    }
  });
}
