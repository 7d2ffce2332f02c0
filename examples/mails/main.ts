// deno-lint-ignore-file camelcase
/**
 * `deno task demo`: starts Assay, trains on real mails with some labels made wrong, and shows whether it finds them.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { runOnce, type RunResult } from "./one_run.ts";
import { peakMegabytes, type Platform, startPlatform } from "./platform.ts";
import { printGrade } from "./report.ts";
import { print, StatusLine } from "./terminal.ts";

const HELP =
  `Starts Assay on this machine, trains a small net on real mails, and shows what Assay finds in them.

  deno task demo [--exit] [--seed N] [--seeds N] [--json FILE]

  --exit        end when it is done, instead of staying up
  --seed N      which mails and which wrong labels, default 0
  --seeds N     run the seeds 0 to N-1 and print a table of how right each was
  --json FILE   write the grades, the time of each stage and the peak memory of each process`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args.filter((arg) => arg !== "--"),
    options: {
      exit: { type: "boolean", default: false },
      seed: { type: "string", default: "0" },
      seeds: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  const startedAt = performance.now();
  print("Assay demo: does it find wrong labels in real mails?\n");
  const line = new StatusLine();
  line.show("Starting");
  let platform: Platform;
  try {
    platform = await startPlatform((name) => line.show(`Starting ${name}`));
  } catch (error) {
    line.done();
    print(`\n${(error as Error).message}`);
    return 1;
  }
  const startSeconds = (performance.now() - startedAt) / 1000;
  line.show(
    platform.isOurs
      ? `Assay is ready after ${startSeconds.toFixed(1)} s.`
      : `Assay runs already, at ${platform.url}.`,
  );
  line.done();
  try {
    if (values.seeds) return await seeds(platform, Number(values.seeds));
    const result = await runOnce(platform, Number(values.seed));
    const { grade, path } = result;
    const stages = { start: startSeconds, ...result.stages };
    print("\nHow right it was");
    print(
      "  The wrong labels were injected by this program; hard ham and duplicates are the corpus' own.",
    );
    printGrade(grade);
    if (values.json) {
      await writeJson(values.json, platform, { ...result, stages });
    }
    if (!values.exit) await stayUp(platform, path);
    return 0;
  } finally {
    await platform.stop();
  }
}

async function seeds(platform: Platform, n: number): Promise<number> {
  print(
    "\n| seed | AUPRC | last-epoch confidence | precision at flips | hard over easy ham | duplicates: recall, precision |",
  );
  print("|---|---|---|---|---|---|");
  const grades = [];
  for (let seed = 0; seed < n; seed++) {
    const { grade: g } = await runOnce(platform, seed, { isQuiet: true });
    grades.push(g);
    print(
      `| ${seed} | ${g.auprc.toFixed(3)} | ${g.baseline_auprc.toFixed(3)} | ${
        g.precision_at_flips.toFixed(3)
      } | ${g.hard_auroc.toFixed(3)} | ${g.duplicates.recall.toFixed(3)}, ${
        g.duplicates.precision.toFixed(3)
      } |`,
    );
  }
  const median = (values: number[]) =>
    values.sort((a, b) => a - b)[values.length >> 1]!.toFixed(3);
  print(
    `| median | ${median(grades.map((g) => g.auprc))} | ${
      median(grades.map((g) => g.baseline_auprc))
    } | ${median(grades.map((g) => g.precision_at_flips))} | ${
      median(grades.map((g) => g.hard_auroc))
    } | ${median(grades.map((g) => g.duplicates.recall))}, ${
      median(grades.map((g) => g.duplicates.precision))
    } |`,
  );
  return 0;
}

async function writeJson(
  file: string,
  platform: Platform,
  { grade, stages }: RunResult,
): Promise<void> {
  const { recall, precision } = grade.duplicates;
  const report = {
    stages,
    ...grade,
    duplicates: { recall, precision },
    peak_rss_mb: await peakMegabytes(platform.processes),
  };
  await Deno.writeTextFile(file, JSON.stringify(report, null, 2) + "\n");
}

async function stayUp(platform: Platform, path: string): Promise<void> {
  const [base, token] = platform.loginUrl.split("/#");
  print(`
Look at it
  Console   ${base}${path}#${token}
            j and k move, q keeps the label, w takes the suggestion, u undoes, ? shows every key
  SQL       deno task sql "select sample_id, given_label, suggested_label, reason from assay.sample_review limit 5"
            deno task sql "select * from assay.class_quality"
`);
  if (!platform.isOurs) return;
  print("Ctrl-C stops it; the data stays.");
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => resolve());
    }
  });
}

Deno.exit(await main());
