import type { JSX } from "preact";
import type { RunOverview } from "@shared/types/run.ts";
import type { RunSummary } from "@shared/types/result.ts";
import { ago, count, percent } from "../state/format.ts";
import { useDeps, useRun } from "./context.ts";
import { RowProblems } from "./row_problems.tsx";

/** The run in one sentence, then in numbers. */
export function RunVerdict(
  { run, summary }: { run: RunOverview; summary: RunSummary },
): JSX.Element {
  const { now } = useDeps();
  return (
    <section class="run-verdict" aria-labelledby="run-title">
      <div class="run-words">
        <p class="eyebrow">
          {run.dataset} · attempt {run.attempt} ·{" "}
          <time datetime={run.created_at}>{ago(run.created_at, now())}</time>
          {run.incomplete && " · closed before all data arrived"}
        </p>
        <h1 id="run-title">{summary.verdict}</h1>
        {summary.n_row_problems > 0 && (
          <RowProblems runId={run.run_id} n={summary.n_row_problems} />
        )}
      </div>
      <KeyNumbers summary={summary} />
    </section>
  );
}

function KeyNumbers({ summary }: { summary: RunSummary }): JSX.Element {
  const { accuracy, issue_counts } = summary;
  const split = (["validation", "test", "training"] as const)
    .find((s) => accuracy[s] !== undefined);
  const numbers: [string, string, string][] = [
    ["Samples", count(summary.n_samples), "Scored, over all splits"],
    [
      "Mislabeled",
      count(issue_counts.mislabeled ?? 0),
      "Samples whose label the model disagrees with",
    ],
    [
      "Label noise",
      summary.estimated_noise_rate === null
        ? "unknown"
        : `≈ ${percent(summary.estimated_noise_rate)}`,
      "Estimated share of wrong labels in the training split",
    ],
    [
      split ? `${split} accuracy` : "Accuracy",
      percent(split && accuracy[split]),
      "Last epoch, against the given labels",
    ],
    ["Epochs", count(summary.n_epochs), "Folded into the scores"],
  ];
  return (
    <dl class="key-numbers">
      {numbers.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <ReviewCount />
    </dl>
  );
}

function ReviewCount(): JSX.Element {
  const { store } = useRun();
  return (
    <div title="Samples of this run with a standing verdict">
      <dt>Reviewed</dt>
      <dd data-testid="reviewed">{count(store.review.tally.value.reviewed)}</dd>
    </div>
  );
}
