import assert from "node:assert/strict";
import { parseTaskMessage } from "./task.ts";

const taskId = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";

Deno.test("parseTaskMessage() takes version 1 with a task id", () => {
  assert.deepEqual(parseTaskMessage({ version: 1, taskId }), {
    version: 1,
    taskId,
  });
});

Deno.test("parseTaskMessage() refuses another version and names the field", () => {
  assert.throws(
    () => parseTaskMessage({ version: 2, taskId }),
    { code: "validation_failed", message: /version/ },
  );
});
