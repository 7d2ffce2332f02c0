import assert from "node:assert/strict";
import { skipIf } from "@testing/skip.ts";
import { deno21 } from "../../tools/deno_2_1.ts";
import { measureFunction } from "./function_budget.ts";
import { toPage } from "./page.ts";
import { withPlatform } from "./platform.ts";
import { measureScale } from "./scale.ts";
import { measureWriters } from "./writers.ts";

async function cannotMeasure(): Promise<string | null> {
  if (Deno.build.os !== "linux") return "CPU and memory are read in /proc";
  return await deno21().then(() => null, (error) => error.message);
}

Deno.test({
  name:
    "limits: 32 MB through a function stay within a hosted function's CPU and memory, and no acknowledged part is lost",
  ...skipIf(await cannotMeasure()),
  async fn() {
    const say = () => {};
    const result = await withPlatform(async (platform, installation) => ({
      budget: await measureFunction(platform, installation),
      writers: await measureWriters(platform, installation, 4, say),
      scale: await measureScale(platform, 300, say),
    }));
    const { budget, writers, scale } = result;
    assert.ok(Math.max(...budget.cpuSeconds) < 2, String(budget.cpuSeconds));
    assert.ok(budget.growthMb < 128, `it grew by ${budget.growthMb} MB`);
    assert.equal(writers.nAcknowledged, 64 * 5); // one part each to warm up
    assert.equal(writers.nLost, 0);
    assert.equal(scale.nRead, 300);
    assert.ok([...scale.peakMb.values()].every((mb) => mb > 1));
    const page = toPage(result, {
      ...{ date: "2026-01-31", commit: "abc", deno: "2.9", cores: 2 },
      load: [0, 0],
    });
    assert.doesNotMatch(page, /NaN|undefined/);
  },
});
