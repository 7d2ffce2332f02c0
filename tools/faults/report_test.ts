import assert from "node:assert/strict";
import { type ReportRow, toJson, toPage, toTable } from "./report.ts";

const ROW: ReportRow = {
  fault: "kill -9 worker",
  point: "task_claimed",
  runs: 12,
  reached: 4,
  lost: 1,
  doubled: 2,
  stuck: 3,
  recoveries: [1, 0.5, 9.008, 2],
};

Deno.test("toJson() has the median and the longest recovery, null where there is none", () => {
  const [one, none, odd] = toJson([
    ROW,
    { ...ROW, recoveries: [] },
    { ...ROW, recoveries: [3, 1, 2] },
  ]);
  assert.deepEqual(one, {
    fault: "kill -9 worker",
    point: "task_claimed",
    runs: 12,
    reached: 4,
    lost: 1,
    doubled: 2,
    stuck: 3,
    recovery_s_median: 1.5,
    recovery_s_max: 9.01,
  });
  assert.equal(none!.recovery_s_median, null);
  assert.equal(none!.recovery_s_max, null);
  assert.equal(odd!.recovery_s_median, 2);
});

Deno.test("toTable() lines its columns up", () => {
  const lines = toTable(toJson([ROW, { ...ROW, recoveries: [] }])).split("\n");
  assert.equal(lines.length, 4);
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
  assert.match(lines[2]!, /^\| kill -9 worker \| task_claimed \|\s+12 \|/);
  assert.match(lines[3]!, /– \|\s+– \|$/);
});

Deno.test("toPage() sums what went wrong, and says how to see it again", () => {
  const page = toPage(
    {
      seed: 11,
      isQuick: false,
      runs: 200,
      kills: 500,
      seconds: 1200,
      versions: { Deno: "2.9.6", PostgreSQL: "17.10" },
      disk: "a disk of its own",
    },
    toJson([ROW, ROW]),
    "2026-11-26",
  );
  assert.match(page, /\*\*2 lost, 4 doubled, 6 stuck\*\*/);
  assert.match(page, /200 seeded runs[^]*500 times/);
  assert.match(page, /2026-11-26, seed 11, 20 minutes/);
  assert.match(page, /Deno 2\.9\.6, PostgreSQL 17\.10/);
  assert.match(page, /deno task faults --seed 11/);
});
