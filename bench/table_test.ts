import assert from "node:assert/strict";
import { markdownOf } from "./table.ts";

Deno.test("markdownOf() gives median, least and most of each metric and system", () => {
  const row = (system: string, value: number) => ({
    subject: "s",
    case: "c",
    system,
    metric: "m",
    value,
  });
  const lines = markdownOf([
    row("a", 3),
    row("a", 1),
    row("a", 2),
    row("b", 1),
    row("b", 2),
  ]).split("\n");
  assert.deepEqual(lines.slice(2), [
    "| s | m | a | 3 | 2.000 | 1.000 | 3.000 |",
    "| s | m | b | 2 | 1.500 | 1.000 | 2.000 |",
  ]);
});
