import assert from "node:assert/strict";
import { type About, mergeResults, resultsPage, takeNotes } from "./results.ts";

const about = (date: string): About => ({
  date,
  commit: "abc",
  machine: "a machine",
  isFull: false,
  load: [0, 1],
  versions: { peer: "1.2" },
  skipped: [{ case: "far", why: "no data" }],
  told: ["one thread each"],
});
const row = (subject: string, value: number) => ({
  subject,
  case: "c",
  system: "assay",
  metric: "m",
  value,
});

Deno.test("mergeResults() replaces all of a subject that is measured again, and nothing else", () => {
  const before = {
    rows: [row("a", 1), row("b", 2), row("b", 3)],
    about: { a: about("old"), b: about("old") },
  };
  const after = mergeResults(before, {
    rows: [row("b", 4), row("_c", 5)],
    about: { b: about("new"), _c: about("new") },
  });
  assert.deepEqual(after.rows.map((r) => [r.subject, r.value]), [
    ["_c", 5],
    ["a", 1],
    ["b", 4],
  ]);
  assert.deepEqual(
    Object.entries(after.about).map(([name, { date }]) => [name, date]),
    [["_c", "new"], ["a", "old"], ["b", "new"]],
  );
});

Deno.test("mergeResults() takes away the rows of a subject that has none any more", () => {
  const before = { rows: [row("a", 1)], about: { a: about("old") } };
  const after = mergeResults(before, { rows: [], about: { a: about("new") } });
  assert.deepEqual(after.rows, []);
});

Deno.test("resultsPage() says where, with what, and what is missing", () => {
  const page = resultsPage({
    rows: [row("a", 1)],
    about: { a: about("2026-01-31") },
  });
  for (
    const part of [
      "## a",
      "2026-01-31, commit abc, a machine",
      "peer 1.2",
      "- one thread each",
      "| c | m | 1.000 |",
      "- far: no data",
    ]
  ) {
    assert.ok(page.includes(part), part);
  }
});

Deno.test("takeNotes() keeps once what is told twice", () => {
  const notes = takeNotes();
  notes.tell("x");
  notes.tell("x");
  notes.skip("case", "why");
  notes.version("peer", "1");
  assert.deepEqual(notes.taken, {
    told: ["x"],
    skipped: [{ case: "case", why: "why" }],
    versions: { peer: "1" },
  });
});
