import assert from "node:assert/strict";
import type { ClassReportRow, LabelConfusion } from "@shared/types/result.ts";
import { classRows } from "./class_table.tsx";
import { labelPairs } from "./confusion_list.tsx";
import { matchLabels } from "./dialogs.tsx";

Deno.test("classRows() shows one split, most flagged first", () => {
  const row = (split: string, label: string, n_mislabeled: number) =>
    ({ split, label, n_mislabeled, n_given: 1 }) as ClassReportRow;
  const rows = [
    row("validation", "c", 9),
    row("training", "a", 1),
    row("training", "b", 3),
  ];
  assert.deepEqual(classRows(rows, undefined).map((r) => r.label), ["b", "a"]);
  assert.deepEqual(classRows(rows, "validation").map((r) => r.label), ["c"]);
  assert.deepEqual(classRows(rows, "test").map((r) => r.label), ["b", "a"]);
});

Deno.test("labelPairs() adds the splits up unless one is chosen", () => {
  const row = (split: string, n_flagged: number) =>
    ({
      split,
      given_label: "a",
      suggested_label: "b",
      n_flagged,
    }) as LabelConfusion;
  const rows = [row("training", 4), row("validation", 2)];
  assert.equal(labelPairs(rows, undefined)[0]?.flagged, 6);
  assert.equal(labelPairs(rows, "validation")[0]?.flagged, 2);
});

Deno.test("matchLabels() puts first what begins as typed", () => {
  assert.deepEqual(matchLabels(["not spam", "Spam", "ham"], "spam"), [
    "Spam",
    "not spam",
  ]);
});
