import assert from "node:assert/strict";
import { ago, counted, oneLine, percent, score, stageWords } from "./format.ts";

Deno.test("score() lines up and has a dash for nothing", () => {
  assert.deepEqual([0.973, 1, 0, -2.31, null].map(score), [
    ".97",
    "1.0",
    ".00",
    "-2.31",
    "–",
  ]);
});

Deno.test("counted() agrees in number", () => {
  assert.equal(counted(1, "sample"), "1 sample");
  assert.equal(counted(1500, "sample"), "1,500 samples");
});

Deno.test("percent() has a dash for nothing", () => {
  assert.equal(percent(0.0484), "4.8 %");
  assert.equal(percent(null), "–");
});

Deno.test("ago() speaks of minutes and hours, then of the day", () => {
  const now = Date.parse("2026-05-04T12:00:00Z");
  assert.equal(ago("2026-05-04T11:59:40Z", now), "just now");
  assert.equal(ago("2026-05-04T11:15:00Z", now), "45 min ago");
  assert.equal(ago("2026-05-04T03:00:00Z", now), "9 h ago");
  assert.match(ago("2026-05-01T03:00:00Z", now), /May.*2026/);
});

Deno.test("oneLine() folds white space", () => {
  assert.equal(oneLine(" a\n\n b\tc "), "a b c");
});

Deno.test("stageWords() reads a stage it does not know", () => {
  assert.equal(stageWords("fold"), "Folding the epochs");
  assert.equal(stageWords("second_view"), "Second view");
});
