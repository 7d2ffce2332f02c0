import assert from "node:assert/strict";
import { groupsOf } from "./_testing.ts";
import { nearDuplicate } from "./near_duplicate.ts";

Deno.test("nearDuplicate flags every member of a group with its partner", () => {
  const { isIssue, details, score } = nearDuplicate.detect(
    { duplicates: groupsOf("a.aa") },
    nearDuplicate.defaults,
  );
  assert.deepEqual([...isIssue], [1, 0, 1, 1]);
  assert.deepEqual([...score], [1, 0, 1, 1]);
  assert.deepEqual(details.get(2), {
    group: 0,
    group_size: 3,
    partner: 0,
    similarity: 1,
    source: "identical",
  });
});
