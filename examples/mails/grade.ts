// deno-lint-ignore-file camelcase
import type { RankedSample } from "@assay/sdk";
import { type Mail, wordsOf } from "./data.ts";

/** How right a ranking was. */
export interface Grade {
  /** Mails scored. */
  readonly samples: number;
  /** Labels flipped on purpose. */
  readonly flips: number;
  /** Share of flipped labels among as many of the worst as there were flips. */
  readonly precision_at_flips: number;
  /** Average precision of `mislabeled_score` against the flips. */
  readonly auprc: number;
  /** The same, of the last epoch's confidence. */
  readonly baseline_auprc: number;
  /** How well `hardness` tells the corpus' hard ham from its easy ham, among labels that are right. */
  readonly hard_auroc: number;
  /** Samples with the issue near_duplicate or label_conflict against mails with almost the same words. */
  readonly duplicates: {
    readonly recall: number;
    readonly precision: number;
    readonly real: number;
  };
}

/** Least share of common word triples (exact Jaccard) of two mails that count as real duplicates. */
export const DUPLICATE_JACCARD = 0.8;

/** Grades a ranking with what was kept aside. */
export function grade(
  mails: readonly Mail[],
  isFlipped: Uint8Array,
  lastConfidence: Float32Array,
  ranked: readonly RankedSample[],
): Grade {
  const byId = new Map(ranked.map((r) => [r.sample_id, r]));
  const results = mails.map((m) => byId.get(m.id)!);
  const flips = isFlipped.reduce((sum, f) => sum + f, 0);
  const worst = new Set(ranked.slice(0, flips).map((r) => r.sample_id));
  const found = mails.filter((m, i) => isFlipped[i] && worst.has(m.id)).length;
  const hardness = (group: string) =>
    results.filter((_, i) => !isFlipped[i] && mails[i]!.group.startsWith(group))
      .map((r) => r.hardness!);
  const isReal = realDuplicates(mails);
  const isNamed = results.map((r) =>
    r.issue_types.includes("near_duplicate") ||
    r.issue_types.includes("label_conflict")
  );
  const both = isReal.filter((real, i) => real && isNamed[i]).length;
  const count = (flags: readonly boolean[]) => flags.filter((f) => f).length;
  return {
    samples: mails.length,
    flips,
    precision_at_flips: found / flips,
    auprc: averagePrecision(results.map((r) => r.mislabeled_score!), isFlipped),
    baseline_auprc: averagePrecision(
      Array.from(lastConfidence, (c) => -c),
      isFlipped,
    ),
    hard_auroc: auroc(hardness("hard-ham"), hardness("easy-ham")),
    duplicates: {
      recall: both / count(isReal),
      precision: both / count(isNamed),
      real: count(isReal),
    },
  };
}

/** Average precision: mean of the precision at each positive, best score first. */
export function averagePrecision(
  scores: readonly number[],
  isPositive: Uint8Array,
): number {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
  let [hits, sum] = [0, 0];
  order.forEach((row, at) => {
    if (isPositive[row]) sum += ++hits / (at + 1);
  });
  return sum / hits;
}

/** Chance that a value of `high` is above one of `low`, ties half. */
export function auroc(high: readonly number[], low: readonly number[]): number {
  const sorted = [...low].sort((a, b) => a - b);
  const below = (x: number, orEqual: boolean) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sorted[middle]! < x || (orEqual && sorted[middle] === x)) {
        from = middle + 1;
      } else to = middle;
    }
    return from;
  };
  const wins = high.reduce(
    (sum, x) => sum + (below(x, false) + below(x, true)) / 2,
    0,
  );
  return wins / (high.length * low.length);
}

/** Mails that share at least 80 % of their word triples with another one, compared pair by pair. */
export function realDuplicates(mails: readonly Mail[]): boolean[] {
  const sets = mails.map((m) => triples(wordsOf(m.text)));
  const isReal = mails.map(() => false);
  const order = [...sets.keys()].sort((a, b) => sets[a]!.size - sets[b]!.size);
  for (let x = 0; x < order.length; x++) {
    const a = sets[order[x]!]!;
    for (let y = x + 1; y < order.length && a.size > 0; y++) {
      const b = sets[order[y]!]!;
      if (a.size < DUPLICATE_JACCARD * b.size) break; // the longer ones share even less
      if (isReal[order[x]!] && isReal[order[y]!]) continue;
      if (isSimilar(a, b)) isReal[order[x]!] = isReal[order[y]!] = true;
    }
  }
  return isReal;
}

/** Whether two sets have a Jaccard similarity of at least 80 %; stops as soon as it cannot. */
function isSimilar(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const needed = DUPLICATE_JACCARD * (a.size + b.size) /
    (1 + DUPLICATE_JACCARD);
  let [common, left] = [0, a.size];
  for (const triple of a) {
    if (b.has(triple)) common++;
    if (common + --left < needed) return false;
  }
  return common >= needed;
}

function triples(words: readonly string[]): Set<string> {
  if (words.length < 3) {
    return new Set(words.length > 0 ? [words.join(" ")] : []);
  }
  return new Set(words.slice(2).map((_, i) => words.slice(i, i + 3).join(" ")));
}
