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

Deno.test("nearDuplicate ranks samples without a duplicate by how near their nearest other is, below every duplicate", () => {
  const duplicates = {
    ...groupsOf("a.a."),
    nearness: Float32Array.of(0, 0.9, 0, 0.2),
  };
  const { score, isIssue } = nearDuplicate.detect(
    { duplicates },
    nearDuplicate.defaults,
  );
  assert.deepEqual([...score], [
    1,
    Math.fround(0.9) / 2,
    1,
    Math.fround(0.2) / 2,
  ]);
  assert.deepEqual([...isIssue], [1, 0, 1, 0]);
});
