/**
 * Writes mails.csv (id, text, label) and mails_truth.csv (id, label): 1,500 real mails, 5 % of whose labels are wrong in the first.
 *
 *     deno run -A examples/csv/make_mails_csv.ts [--seed 0] [--out .]
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  allMails,
  flipLabels,
  LABEL_NAMES,
  stratifiedSample,
} from "../mails/data.ts";
import { seededRandom } from "../mails/random.ts";

const FLIP_SHARE = 0.05;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seed: { type: "string", default: "0" },
    out: { type: "string", default: "." },
  },
});
const random = seededRandom(1000 + Number(values.seed)); // as the demo draws them
const mails = stratifiedSample(allMails(), random);
const { labels } = flipLabels(mails, FLIP_SHARE, random);
await write("mails.csv", [
  ["id", "text", "label"],
  ...mails.map((m, i) => [m.id, m.text, LABEL_NAMES[labels[i]!]!]),
]);
await write("mails_truth.csv", [
  ["id", "label"],
  ...mails.map((m) => [m.id, LABEL_NAMES[m.truth]!]),
]);

async function write(name: string, rows: readonly string[][]): Promise<void> {
  const lines = rows.map((row) => row.map(quoted).join(",") + "\r\n");
  await Deno.writeTextFile(join(values.out, name), lines.join(""));
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
