import assert from "node:assert/strict";
import { medianRow } from "./subject.ts";
import { markdownOf } from "./table.ts";

const row = (system: string, metric: string, value: number) => ({
  subject: "s",
  case: "c",
  system,
  metric,
  value,
});

Deno.test("markdownOf() gives a line a case and metric, a column a system", () => {
  const lines = markdownOf([
    row("a", "m", 1234.5),
    medianRow(row("b", "m", 0), [3, 1, 2]),
    row("b", "other", 0.12345),
  ]).split("\n");
  assert.deepEqual(lines, [
    "### s",
    "",
    "| case | metric | a | b |",
    "|---|---|--:|--:|",
    "| c | m | 1235 | 2.000 (1.000–3.000) |",
    "| c | other |  | 0.123 |",
  ]);
});

Deno.test("medianRow() takes the mean of the two in the middle of an even count", () => {
  const { value, least, most, n } = medianRow(row("a", "m", 0), [10, 1, 3, 2]);
  assert.deepEqual([value, least, most, n], [2.5, 1, 10, 4]);
});
