import { startRun } from "@assay/sdk";
import {
  allMails,
  flipLabels,
  LABEL_NAMES,
  type Mail,
  stratifiedSample,
} from "./data.ts";
import { type Grade, grade } from "./grade.ts";
import { seededRandom } from "./random.ts";
import { printStages, printSummary, printWorst } from "./report.ts";
import { bar, print, StatusLine } from "./terminal.ts";
import { train } from "./train.ts";

/** Share of labels made wrong. */
export const FLIP_SHARE = 0.05;

/** What one training came to. */
export interface RunResult {
  /** How right the ranking was. */
  readonly grade: Grade;
  /** Seconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** Page of the run, below the platform's URL. */
  readonly path: string;
}

let mails: Mail[] | null = null;

/** Trains once on a sample of the mails, logs it, waits for the ranking, shows it and grades it. */
export async function runOnce(
  server: { readonly url: string; readonly apiKey: string },
  seed: number,
  { isQuiet = false }: { readonly isQuiet?: boolean } = {},
): Promise<RunResult> {
  const stages: Record<string, number> = {};
  let mark = performance.now();
  const lap = (name: string) => {
    stages[name] = (performance.now() - mark) / 1000;
    mark = performance.now();
  };
  const say = isQuiet ? () => {} : print;

  const random = seededRandom(1000 + seed);
  mails ??= allMails();
  const sample = stratifiedSample(mails, random);
  const { labels, isFlipped } = flipLabels(sample, FLIP_SHARE, random);
  lap("read mails");
  say(
    `  ${sample.length} of ${mails.length} real mails, ${
      sample.filter((m) => m.group === "hard-ham-1").length
    } of them the corpus' own hard ham.`,
  );
  say(
    `  ${
      Math.round(FLIP_SHARE * 100)
    } % of the labels are now wrong, on purpose; which ones, only this program knows.\n`,
  );

  const run = await startRun({
    ...server,
    name: `mails, seed ${seed}`,
    dataset: "mails",
    labelNames: LABEL_NAMES,
  });
  const line = new StatusLine();
  const { lastConfidence } = await train(
    run,
    sample,
    labels,
    random,
    (epoch, n, loss, accuracy) => {
      if (!isQuiet) {
        line.show(
          `Training  ${bar((epoch + 1) / n)}  epoch ${epoch + 1}/${n}, loss ${
            loss.toFixed(3)
          }, accuracy ${accuracy.toFixed(3)}, logged`,
        );
      }
    },
  );
  if (!isQuiet) line.done();
  lap("train and log");
  await run.finish();
  lap("finish");
  const job = await run.wait({
    onProgress: ({ stage, fraction }) => {
      if (!isQuiet) line.show(`Scoring   ${bar(fraction)}  ${stage}`);
    },
  });
  if (!isQuiet) line.done();
  for (const [stage, seconds] of Object.entries(job.stage_seconds)) {
    stages[`score: ${stage}`] = seconds;
  }
  lap("score, as waited for");
  const ranked = await run.worst(sample.length);
  lap("read the ranking");
  if (!isQuiet) {
    print("\nWhat Assay found");
    printSummary(await run.summary());
    print("\nThe twenty worst");
    printWorst(ranked.slice(0, 20));
  }
  mark = performance.now();
  const graded = grade(sample, isFlipped, lastConfidence, ranked);
  lap("grade");
  if (!isQuiet) {
    print("\nTime");
    printStages(stages);
  }
  return { grade: graded, stages, path: `/runs/${run.id}` };
}
