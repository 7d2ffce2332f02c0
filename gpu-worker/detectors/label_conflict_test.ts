import assert from "node:assert/strict";
import { groupsOf } from "./_testing.ts";
import { labelConflict } from "./label_conflict.ts";

const detect = (letters: string, labels: number[], settled: number[] = []) =>
  labelConflict.detect(
    {
      labels: Int32Array.from(labels),
      isSettled: Uint8Array.from(
        labels,
        (_, row) => settled.includes(row) ? 1 : 0,
      ),
      duplicates: groupsOf(letters),
    },
    {},
  );

Deno.test("labelConflict flags the minority of a group and names the majority", () => {
  const { isIssue, details, score } = detect("aaa.bb", [0, 1, 0, 1, 1, 1]);
  assert.deepEqual([...isIssue], [0, 1, 0, 0, 0, 0]);
  assert.equal(details.get(1)?.suggested_label, 0);
  assert.equal(details.get(1)?.labelled_otherwise, 2);
  assert.ok(score[1]! > 0.6 && score[4] === 0);
});

Deno.test("labelConflict flags both of a pair and suggests neither label", () => {
  const { isIssue, details } = detect("aa", [1, 0]);
  assert.deepEqual([...isIssue], [1, 1]);
  assert.equal(details.get(0)?.suggested_label, null);
  assert.equal(details.get(0)?.other_label, 0);
  assert.equal(details.get(0)?.partner, 1);
});

Deno.test("labelConflict does not count unlabelled copies", () => {
  assert.ok(detect("aa", [1, -1]).isIssue.every((f) => f === 0));
});

Deno.test("labelConflict does not flag what a person settled, and flags the other of a pair", () => {
  const kept = detect("aaa", [0, 1, 1], [0]);
  assert.deepEqual([...kept.isIssue], [0, 0, 0]);
  assert.equal(kept.details.size, 0);
  assert.deepEqual([...detect("aa", [1, 0], [0]).isIssue], [0, 1]);
});
