// deno-lint-ignore-file camelcase
import { f1Of } from "../labels/metrics.ts";
import { type NpyData, readNpy } from "../npy.ts";
import { auroc, spearman } from "../rank_metrics.ts";
import type { SpeedPlan } from "./plan.ts";

/** Metrics of two answers to the same question, by system. */
export type Checks = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where answers are, by system; each with "/" at the end. */
export interface Answers {
  readonly inputs: string;
  readonly assay: string;
  readonly peer: string;
}

/** Whether both sides answered the same question, and how well: against what was planted, or against each other. */
export async function checkAnswers(
  check: SpeedPlan["check"],
  peer: string,
  answers: Answers,
): Promise<Checks> {
  const data = async (file: string) => (await readNpy(file)).data as Numbers;
  const both = async (name: string) => ({
    assay: await data(`${answers.assay}${name}.npy`),
    [peer]: await data(`${answers.peer}${name}.npy`),
  });
  if (check === "flags") {
    const truth = await data(`${answers.inputs}is_mislabeled.npy`);
    return mapped(await both("flagged"), (flags) => ({
      f1: f1Of(flags, truth),
    }));
  }
  if (check === "values") {
    const { assay, [peer]: other } = await both("values");
    return { assay: { spearman_with_peer: spearman(assay, other!) } };
  }
  if (check === "neighbours") {
    const { assay, [peer]: exact } = await both("neighbours");
    return { assay: { recall_at_10: recallOf(assay, exact!, 10) } };
  }
  const planted = {
    label: "is_mislabeled",
    outlier: "is_outlier",
    near_duplicate: "is_duplicate",
  };
  const found: Record<string, Record<string, number>> = {
    assay: {},
    [peer]: {},
  };
  for (const [question, truth] of Object.entries(planted)) {
    const is = await data(`${answers.inputs}${truth}.npy`);
    for (const [system, answer] of Object.entries(await both(question))) {
      const scores = answer.subarray(0, is.length);
      found[system]![`${question}_auroc`] = auroc(scores, is);
    }
  }
  return found;
}

type Numbers = Exclude<NpyData, BigInt64Array>;

function mapped<T>(
  values: Record<string, Numbers>,
  metrics: (value: Numbers) => T,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).map(([system, value]) => [system, metrics(value)]),
  );
}

/** Share of the exact neighbours that were found. */
function recallOf(found: Numbers, exact: Numbers, k: number): number {
  let hits = 0;
  for (let start = 0; start < exact.length; start += k) {
    const own = new Set(found.subarray(start, start + k));
    for (let j = start; j < start + k; j++) if (own.has(exact[j]!)) hits++;
  }
  return hits / exact.length;
}
