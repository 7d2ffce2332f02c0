import assert from "node:assert/strict";
import { foldSeeds, meansOf } from "./fold_seeds.ts";

const row = (name: string, value: number) => ({
  subject: "labels",
  case: name,
  system: "assay",
  metric: "f1",
  value,
});

Deno.test("foldSeeds() tells the median of a setting's seeds, and keeps what has none", () => {
  const rows = [row("a seed 0", 1), row("a seed 1", 5), row("a seed 2", 2)];
  assert.deepEqual(foldSeeds([...rows, row("all", 7)]), [
    { ...row("a", 2), least: 1, most: 5, n: 3 },
    row("all", 7),
  ]);
});

Deno.test("meansOf() tells the mean of all cases, with their spread", () => {
  assert.deepEqual(meansOf([row("a", 1), row("b", 4)], "mean"), [
    { ...row("mean", 2.5), least: 1, most: 4, n: 2 },
  ]);
});
