import type { FunctionBudget } from "./function_budget.ts";
import type { ScaleResult } from "./scale.ts";
import type { WritersResult, Writing } from "./writers.ts";

/** What was measured. */
export interface LimitsResult {
  readonly budget: FunctionBudget;
  readonly writers: WritersResult;
  readonly scale: ScaleResult;
}

/** Where it was measured. */
export interface Machine {
  /** Day, as in 2026-01-31. */
  readonly date: string;
  readonly commit: string;
  readonly deno: string;
  readonly cores: number;
  /** Processes that wanted a core, the mean of a minute: before and after. */
  readonly load: readonly [number, number];
}

/** The figures as Markdown. */
export function toPage(
  { budget, writers, scale }: LimitsResult,
  machine: Machine,
): string {
  const { date, commit, deno, cores, load } = machine;
  const [cpu] = budget.cpuSeconds.toSorted((a, b) => b - a);
  return `<!-- Written by \`deno task bench limits\`; do not edit. -->
# Load

${date}, commit ${commit}, Deno ${deno}, ${cores} cores, load ${
    load[0].toFixed(1)
  } before and ${
    load[1].toFixed(1)
  } after: other work on the machine makes seconds longer, not
bytes more. One platform as \`deno task start\` runs it; MB are 1,048,576 bytes. Again: \`deno task bench limits --full\`.

## The largest parts through a function

Ingest on Deno ${budget.deno}, which hosted functions are compatible with; parts of 32 MB.

| | measured | limit |
|---|--:|--:|
| CPU of one upload, the most of ${budget.cpuSeconds.length}, s | ${
    cpu!.toFixed(2)
  } | 2 |
| memory that eight uploads at once add to ${
    budget.idleMb.toFixed(0)
  } MB, MB | ${budget.growthMb.toFixed(0)} | 128 |

## ${writers.nWriters} writers at once

Each sends ${writers.partsEach} parts of 256 KB, the next as soon as one is taken. In the same run the same bytes go straight to the same Storage, in
turns of a quarter of the parts.

| | through ingest | straight to Storage | of it |
|---|--:|--:|--:|
| MB/s | ${writers.ingest.mbPerSecond.toFixed(1)} | ${
    writers.raw.mbPerSecond.toFixed(1)
  } | ${(100 * writers.ratio).toFixed(0)} % |
| p50 of a part, ms | ${ms(writers.ingest.p50)} | ${ms(writers.raw.p50)} | |
| p99, ms | ${ms(writers.ingest.p99)} | ${ms(writers.raw.p99)} | |
| parts acknowledged | ${writers.nAcknowledged} | | |
| of those lost or changed | **${writers.nLost}** | | |

CPU of a part, in ms by process:

| ${processes(writers).join(" | ")} | sum |
|${"--:|".repeat(processes(writers).length + 1)}
| ${cpuOf(writers, writers.ingest)} |
| ${cpuOf(writers, writers.raw)} |

The first line is through ingest, the second straight to Storage. The bytes pass gateway, ingest, gateway and Storage in place of gateway and Storage,
and each part adds four transactions under row-level security: who calls, what it may reach, what is known, the row that decides. Where all
cores are busy the share of throughput is the share of CPU; where cores are free it is that of the busiest process.

## ${
    scale.nSamples.toLocaleString("en")
  } samples × ${scale.nClasses} classes × ${scale.nEpochs} epochs

With embeddings of ${scale.width} numbers in every epoch and a short text each, through the SDK. All ${
    scale.nRead.toLocaleString("en")
  } rows of the ranking were read.

| stage | s |
|---|--:|
${
    Array.from(scale.stages, ([name, s]) => `| ${name} | ${s.toFixed(1)} |`)
      .join("\n")
  }

| process | peak memory, MB |
|---|--:|
${
    Array.from(scale.peakMb, ([name, mb]) => `| ${name} | ${mb.toFixed(0)} |`)
      .join("\n")
  }

The longest that a health check of the worker waited: ${
    Array.from(
      scale.slowestHealth,
      ([stage, s]) => `${s.toFixed(2)} s in stage \`${stage}\``,
    ).join(", ")
  }.
`;
}

function processes({ ingest }: WritersResult): string[] {
  return [...ingest.cpuMs.keys()];
}

function cpuOf(writers: WritersResult, { cpuMs }: Writing): string {
  const each = processes(writers).map((name) => cpuMs.get(name) ?? 0);
  const sum = each.reduce((total, value) => total + value, 0);
  return [...each, sum].map((value) => value.toFixed(1)).join(" | ");
}

function ms(seconds: number): string {
  return (1000 * seconds).toFixed(0);
}
