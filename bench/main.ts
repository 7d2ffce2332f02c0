/**
 * `deno task bench`: measures, prints a table, and writes the rows where it is asked to.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { Row, Subject } from "./subject.ts";
import { logging } from "./subjects/logging.ts";
import { limits } from "./subjects/limits.ts";
import { mails } from "./subjects/mails.ts";
import { markdownOf } from "./table.ts";

const SUBJECTS: Readonly<Record<string, Subject>> = {
  limits,
  logging,
  mails,
};

const HELP = `Measures Assay beside what people use today.

  deno task bench [${Object.keys(SUBJECTS).join("|")}] [--full] [--json FILE]`;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args.filter((arg) => arg !== "--"),
    options: {
      full: { type: "boolean", default: false },
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
    const say = (text: string) => print(`  ${text}`);
    rows.push(...await SUBJECTS[name]!(say, { isFull: values.full }));
  }
  print(
    `\nDeno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} cores\n`,
  );
  print(markdownOf(rows));
  if (values.json) {
    await Deno.writeTextFile(values.json, JSON.stringify(rows, null, 2) + "\n");
  }
  return 0;
}

Deno.exit(await main());
