import assert from "node:assert/strict";
import { groupsOf, trainingSplit } from "./_testing.ts";
import { leakage } from "./leakage.ts";

Deno.test("leakage flags copies of training samples in other splits, not the other way round", () => {
  const splits = [
    trainingSplit(3),
    { ...trainingSplit(0), split: "test" as const, start: 3, end: 6 },
  ];
  const { isIssue, details, score } = leakage.detect(
    { splits, duplicates: groupsOf("ab.acc") },
    {},
  );
  assert.deepEqual([...isIssue], [0, 0, 0, 1, 0, 0]);
  assert.equal(details.get(3)?.partner, 0);
  assert.equal(score[3], 1);
});
