import { measureFunction } from "../limits/function_budget.ts";
import { type LimitsResult, toPage } from "../limits/page.ts";
import { withPlatform } from "../limits/platform.ts";
import { measureScale } from "../limits/scale.ts";
import { measureWriters } from "../limits/writers.ts";
import type { Row, SubjectOptions } from "../subject.ts";

const PAGE = new URL("../LIMITS.md", import.meta.url);
const FULL = { partsEach: 200, nSamples: 50_000 };
const TENTH = { partsEach: 20, nSamples: 5_000 };

/**
 * What the platform takes: the largest parts through a function, 64 writers at once beside a raw upload of the same bytes, and a large run with
 * the time of each stage and the memory of each process. The full size writes `bench/LIMITS.md`.
 */
export async function limits(
  say: (text: string) => void,
  { isFull }: SubjectOptions,
): Promise<Row[]> {
  if (Deno.build.os !== "linux") {
    throw new Error("Cannot measure limits: CPU and memory are read in /proc");
  }
  const { partsEach, nSamples } = isFull ? FULL : TENTH;
  const [before] = Deno.loadavg();
  const commit = await commitOfCheckout();
  // A platform each: what one case leaves in memory is not the next one's.
  const result = {
    budget: await withPlatform((platform, installation) => {
      say("limits: parts of 32 MB");
      return measureFunction(platform, installation);
    }),
    writers: await withPlatform((platform, installation) =>
      measureWriters(platform, installation, partsEach, say)
    ),
    scale: await withPlatform((platform) =>
      measureScale(platform, nSamples, say)
    ),
  };
  if (isFull) {
    const [after] = Deno.loadavg();
    const page = toPage(result, {
      date: new Date().toISOString().slice(0, 10),
      commit,
      deno: Deno.version.deno,
      cores: navigator.hardwareConcurrency,
      load: [before!, after!],
    });
    await Deno.writeTextFile(PAGE, page);
    say("limits: written to bench/LIMITS.md");
  }
  return toRows(result, isFull ? "full" : "a tenth");
}

function toRows({ budget, writers, scale }: LimitsResult, size: string): Row[] {
  const rows: Row[] = [];
  const put = (system: string, metric: string, value: number) =>
    rows.push({ subject: "limits", case: size, system, metric, value });
  put("ingest", "cpu_s_of_32_mb", Math.max(...budget.cpuSeconds));
  put("ingest", "growth_mb_of_8_at_once", budget.growthMb);
  for (const system of ["ingest", "raw"] as const) {
    const { mbPerSecond, p50, p99, cpuMs } = writers[system];
    put(system, "mb_per_s_of_64_writers", mbPerSecond);
    put(system, "p50_s_of_64_writers", p50);
    put(system, "p99_s_of_64_writers", p99);
    const cpu = [...cpuMs.values()].reduce((sum, value) => sum + value, 0);
    put(system, "cpu_ms_of_a_part", cpu);
  }
  put("ingest", "share_of_raw", writers.ratio);
  put("ingest", "lost_parts", writers.nLost);
  for (const [stage, seconds] of scale.stages) put(stage, "scale_s", seconds);
  for (const [process, mb] of scale.peakMb) put(process, "scale_peak_mb", mb);
  for (const [stage, seconds] of scale.slowestHealth) {
    put(stage, "scale_slowest_health_s", seconds);
  }
  return rows;
}

async function commitOfCheckout(): Promise<string> {
  const { stdout } = await new Deno.Command("git", {
    args: ["rev-parse", "--short", "HEAD"],
    cwd: new URL("../..", import.meta.url),
  }).output();
  return new TextDecoder().decode(stdout).trim();
}
