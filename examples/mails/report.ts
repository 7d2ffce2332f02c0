import type { RankedSample, RunSummary } from "@assay/sdk";
import type { Grade } from "./grade.ts";
import { clip, print, wrap } from "./terminal.ts";

const WIDTH = 98;
const INDENT = 10;

/** The worst samples with their reasons. */
export function printWorst(worst: readonly RankedSample[]): void {
  for (const sample of worst) {
    const labels = sample.suggested_label
      ? `${sample.given_label} → ${sample.suggested_label}`
      : `${sample.given_label}`;
    const score = sample.mislabeled_score?.toFixed(2) ?? "–";
    const head = `  ${String(sample.rank).padStart(2)}  ${score}  ${
      labels.padEnd(11)
    }  `;
    print(
      head + clip(sample.text_preview ?? sample.sample_id, WIDTH - head.length),
    );
    for (const line of wrap(sample.reason, WIDTH - INDENT)) {
      print(" ".repeat(INDENT) + line);
    }
  }
}

/** What the run found, in its own words. */
export function printSummary(
  { verdict, issue_counts: counts }: RunSummary,
): void {
  print(`  ${verdict}`);
  const words = Object.entries(counts).map(([type, n]) =>
    `${n} ${type.replaceAll("_", " ")}`
  );
  if (words.length > 0) print(`  Issues: ${words.join(", ")}.`);
}

/** How right it was. */
export function printGrade(g: Grade): void {
  const line = (name: string, value: string, note = "") =>
    print(`  ${name.padEnd(44)} ${value.padEnd(6)} ${note}`);
  line(
    `Precision among the ${g.flips} worst`,
    g.precision_at_flips.toFixed(2),
    `${g.flips} labels were flipped`,
  );
  line(
    "AUPRC of the ranking",
    g.auprc.toFixed(2),
    `last-epoch confidence: ${g.baseline_auprc.toFixed(2)}`,
  );
  line("AUROC of hard over easy ham, by hardness", g.hard_auroc.toFixed(2));
  line(
    "Real duplicates: recall",
    g.duplicates.recall.toFixed(2),
    `of ${g.duplicates.real}`,
  );
  line("Real duplicates: precision", g.duplicates.precision.toFixed(2));
}

/** Seconds of each stage. */
export function printStages(stages: Readonly<Record<string, number>>): void {
  for (const [name, seconds] of Object.entries(stages)) {
    print(`  ${name.padEnd(44)} ${seconds.toFixed(1).padStart(5)} s`);
  }
}
