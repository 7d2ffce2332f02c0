import type { JSX } from "preact";
import type { RunOverview } from "@shared/types/run.ts";
import type { RunSummary } from "@shared/types/result.ts";
import { AUDIT_SIZE } from "../state/audit_review.ts";
import { ago, count, percent } from "../state/format.ts";
import { useDeps, useRun } from "./context.ts";
import { PageLink } from "./page_link.tsx";
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
        <ExpectedErrors summary={summary} />
        {summary.n_row_problems > 0 && (
          <RowProblems runId={run.run_id} n={summary.n_row_problems} />
        )}
        <Notes notes={summary.notes ?? []} />
        <p class="run-links">
          <PageLink route={{ page: "report", runId: run.run_id }}>
            Classes, confusions and calibration
          </PageLink>
          <PageLink
            route={{
              page: "revisions",
              runId: run.run_id,
              of: null,
              change: "issue_types",
            }}
          >
            Score again, compare
          </PageLink>
          <PageLink
            route={{ page: "audit", runId: run.run_id }}
            isButton={summary.estimated_noise_rate === null}
          >
            Audit {count(Math.min(AUDIT_SIZE, summary.n_samples))} samples
          </PageLink>
        </p>
      </div>
      <KeyNumbers summary={summary} />
    </section>
  );
}

/** How many of the first samples are worth a look, as far as it is known. */
function ExpectedErrors(
  { summary }: { summary: RunSummary },
): JSX.Element | null {
  const errors = summary.expected_errors;
  const first = errors?.top[0];
  if (!errors || !first) return null;
  return (
    <p class="note" data-testid="expected-errors">
      About {count(Math.round(first.mean))} of the first {count(first.n)}{" "}
      by mislabeled score have a wrong label (90 % interval{" "}
      {count(Math.floor(first.low))} to {count(Math.ceil(first.high))},{" "}
      {errors.basis === "verdicts"
        ? "by the verdicts given"
        : "before any verdict"}).
    </p>
  );
}

/** How it was found, for those who ask. */
function Notes({ notes }: { notes: readonly string[] }): JSX.Element | null {
  if (notes.length === 0) return null;
  return (
    <details class="run-notes" data-testid="notes">
      <summary>How it was found</summary>
      <ul>{notes.map((note) => <li key={note}>{note}</li>)}</ul>
    </details>
  );
}

/** Where the share of wrong labels comes from, and how sure it is. */
function noiseWords(
  { noise_rate_interval: range, expected_errors: errors }: RunSummary,
) {
  const words = "Estimated share of wrong labels in the training split";
  if (!range) return words;
  const source = errors?.basis === "verdicts"
    ? "by the verdicts given so far"
    : "as far as such estimates were off elsewhere";
  return `${words}; 90 % interval ${percent(range.low)} to ${
    percent(range.high)
  }, ${source}`;
}

function KeyNumbers({ summary }: { summary: RunSummary }): JSX.Element {
  const { accuracy, issue_counts } = summary;
  const split = (["validation", "test", "training"] as const)
    .find((s) => accuracy[s] !== undefined);
  const hasModel = summary.n_epochs > 0;
  const numbers: [string, string, string][] = [
    ["Samples", count(summary.n_samples), "Scored, over all splits"],
    [
      "Mislabeled",
      count(issue_counts.mislabeled ?? 0),
      hasModel
        ? "Samples whose label the model disagrees with"
        : "Samples whose label samples like them speak against",
    ],
    [
      "Label noise",
      summary.estimated_noise_rate === null
        ? "unknown"
        : `≈ ${percent(summary.estimated_noise_rate)}`,
      noiseWords(summary),
    ],
  ];
  if (hasModel) {
    numbers.push([
      split ? `${split} accuracy` : "Accuracy",
      percent(split && accuracy[split]),
      "Last epoch, against the given labels",
    ], ["Epochs", count(summary.n_epochs), "Folded into the scores"]);
  }
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
