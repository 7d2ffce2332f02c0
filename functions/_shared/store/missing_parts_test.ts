import assert from "node:assert/strict";
import { missingParts } from "./missing_parts.ts";

const place = {
  part_kind: "outputs",
  split: "test",
  inference_name: "",
  epoch: 2,
} as const;

Deno.test("missingParts() finds gaps, and ignores what no manifest names", () => {
  const manifest = [{ ...place, parts: 3, rows: 9 }, {
    ...place,
    epoch: 3,
    parts: 1,
    rows: 1,
  }];
  const present = [{ ...place, seqs: [2, 0, 7] }, {
    ...place,
    epoch: 4,
    seqs: [0],
  }];
  assert.deepEqual(missingParts(manifest, present), {
    missing: [{ ...place, seq: 1 }, { ...place, epoch: 3, seq: 0 }],
    count: 2,
  });
  assert.equal(missingParts([], present).count, 0);
});

Deno.test("missingParts() counts all and lists the first thousand", () => {
  const { missing, count } = missingParts(
    [{ ...place, parts: 5_000, rows: 1 }],
    [],
  );
  assert.equal(count, 5_000);
  assert.deepEqual([missing.length, missing.at(-1)!.seq], [1_000, 999]);
});
