/**
 * `deno task bench`: measures, prints a table, and writes the rows where it is asked to.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { commitOfCheckout, machineLine } from "./machine.ts";
import {
  type About,
  mergeResults,
  type Results,
  resultsPage,
  takeNotes,
} from "./results.ts";
import type { Row, Subject } from "./subject.ts";
import { calibration } from "./subjects/calibration.ts";
import { duplicates } from "./subjects/duplicates.ts";
import { hard } from "./subjects/hard.ts";
import { labels } from "./subjects/labels.ts";
import { limits } from "./subjects/limits.ts";
import { logging } from "./subjects/logging.ts";
import { mails } from "./subjects/mails.ts";
import { outliers } from "./subjects/outliers.ts";
import { speed } from "./subjects/speed.ts";
import { worth } from "./subjects/worth.ts";
import { markdownOf } from "./table.ts";

const SUBJECTS: Readonly<Record<string, Subject>> = {
  calibration,
  duplicates,
  hard,
  labels,
  limits,
  logging,
  mails,
  outliers,
  speed,
  worth,
};

const RESULTS = new URL("results.json", import.meta.url);
const ABOUT = new URL("results_about.json", import.meta.url);
const PAGE = new URL("RESULTS.md", import.meta.url);

const HELP = `Measures Assay beside what people use today.

  deno task bench [${
  Object.keys(SUBJECTS).join("|")
}]... [--full] [--write] [--json FILE]

  --full       at full size, where a subject has a smaller one
  --write      put these subjects' rows in place of their old ones in bench/results.json, and write bench/RESULTS.md anew
  --json FILE  write the rows of this run alone

Data that may not be given on is read from the folder that ASSAY_BENCH_DATA names; what is not there is skipped, and said.`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args.filter((arg) => arg !== "--"),
    options: {
      full: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !Object.hasOwn(SUBJECTS, name));
  if (values.help || unknown !== undefined) {
    if (unknown !== undefined) {
      print(`Cannot measure "${unknown}": there is no such subject\n`);
    }
    print(HELP);
    return unknown === undefined ? 0 : 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(SUBJECTS);
  const rows: Row[] = [];
  for (const name of names) {
    const measured = await measure(name, values.full);
    rows.push(...measured.rows);
    // After each: hours of one subject are not lost by a fault in the next.
    if (values.write) await write(measured);
    if (values.json) await writeJson(values.json, rows);
  }
  print(
    `\nDeno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} cores\n`,
  );
  print(markdownOf(rows));
  return 0;
}

async function measure(name: string, isFull: boolean): Promise<Results> {
  const notes = takeNotes();
  notes.version("Deno", Deno.version.deno);
  const [before] = Deno.loadavg();
  const say = (text: string) => print(`  ${text}`);
  const rows = await SUBJECTS[name]!(say, { isFull, notes });
  const [after] = Deno.loadavg();
  for (const { case: left, why } of notes.taken.skipped) {
    say(`${name}: ${left} is not measured: ${why}`);
  }
  const about: About = {
    date: new Date().toISOString().slice(0, 10),
    commit: await commitOfCheckout(),
    machine: await machineLine(),
    isFull,
    load: [before!, after!],
    ...notes.taken,
  };
  const subjects = new Set(rows.map((row) => row.subject));
  if (subjects.size === 0) subjects.add(name);
  return {
    rows,
    about: Object.fromEntries(Array.from(subjects, (s) => [s, about])),
  };
}

async function write(measured: Results): Promise<void> {
  const before: Results = {
    rows: await readJson(RESULTS) ?? [],
    about: await readJson(ABOUT) ?? {},
  };
  const results = mergeResults(before, measured);
  await writeJson(RESULTS, results.rows);
  await writeJson(ABOUT, results.about);
  await Deno.writeTextFile(PAGE, resultsPage(results));
  print("  written to bench/results.json and bench/RESULTS.md");
}

async function readJson<T>(file: URL): Promise<T | null> {
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function writeJson(file: string | URL, value: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(value, null, 2) + "\n");
}

Deno.exit(await main());
