import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ChangeKind, RevisionOverview } from "@shared/types/revision.ts";
import { explain } from "../api/error.ts";
import { useDeps } from "../components/context.ts";
import { DifferenceView } from "../components/difference_view.tsx";
import { JobProgress } from "../components/job_progress.tsx";
import { Message } from "../components/marks.tsx";
import { RescoreForm } from "../components/rescore_form.tsx";
import { SidePage } from "../components/side_page.tsx";
import { ago, count, counted, ISSUE_WORDS } from "../state/format.ts";
import { isOpen } from "../state/job_watch.ts";
import { createRescoring } from "../state/rescoring.ts";
import type { RevisionsRoute } from "../state/route.ts";

/** What was found each time that a run was scored; scores it again. */
export function RevisionsPage({ runId }: { runId: string }): JSX.Element {
  const { client, wait, place } = useDeps();
  const state = useMemo(() => createRescoring({ client, wait, runId }), []);
  const route = place.route.value as RevisionsRoute;
  const go = (of: string | null, change: ChangeKind) =>
    place.go({ page: "revisions", runId, of, change });

  useEffect(() => {
    document.title = "Revisions · Assay";
    state.load();
    return state.stop;
  }, []);
  const run = state.run.value;
  const revisions = state.revisions.value;
  const shown = revisions.find((row) => row.revision_id === route.of) ??
    revisions[0];
  const isFirst = shown?.number === 1;
  const current = revisions.find((row) => row.is_current);
  useEffect(() => {
    if (run) document.title = `${run.name}, revisions · Assay`;
  }, [run?.name]);
  useEffect(() => {
    if (shown && !isFirst) state.compare(shown.revision_id, route.change);
  }, [shown?.revision_id, route.change]);

  const job = state.job.value;
  const isBusy = job !== null && isOpen(job.state);
  const difference = state.difference.value;
  return (
    <SidePage
      runId={runId}
      runName={run?.name}
      kind="report-page revisions-page"
      title="Revisions"
    >
      {state.error.value !== null && (
        <Message
          title="That did not work"
          tone="bad"
          action={{ words: "Try again", onClick: state.load }}
        >
          <p>{explain(state.error.value)}</p>
        </Message>
      )}
      {run === null
        ? state.error.value === null && (
          <p class="note" role="status">Reading the revisions</p>
        )
        : (
          <section aria-label="Score again">
            <h2>Score again</h2>
            {isBusy
              ? (
                <>
                  <JobProgress job={job} trouble={state.trouble.value} />
                  <button
                    type="button"
                    class="button"
                    onClick={state.cancel}
                  >
                    Cancel
                  </button>
                </>
              )
              : (
                <RescoreForm
                  key={current?.revision_id}
                  ranges={state.ranges.value}
                  now={current?.thresholds ?? {}}
                  isBusy={revisions.length === 0}
                  onRescore={(settings, applies) =>
                    state.rescore(settings, applies).then((made) =>
                      made && go(made, "issue_types")
                    )}
                />
              )}
            {job?.state === "cancelled" && (
              <p class="note" role="status">Cancelled.</p>
            )}
            {job?.error && <p role="alert">{job.error}</p>}
          </section>
        )}
      {revisions.length > 0 && (
        <section aria-label="All revisions">
          <h2>{counted(revisions.length, "revision")}</h2>
          <div class="wide-table">
            <table class="report-table">
              <thead>
                <tr>
                  <th scope="col">Revision</th>
                  <th scope="col" class="words">Scored by</th>
                  <th scope="col" class="words">Mislabeled</th>
                  <th scope="col">Made</th>
                </tr>
              </thead>
              <tbody>
                {revisions.map((row) => (
                  <Row
                    key={row.revision_id}
                    row={row}
                    isShown={row === shown}
                    onShow={() => go(row.revision_id, route.change)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {shown && !isFirst && run && (
        <section aria-label="What changed">
          <h2>What revision {shown.number} says differently</h2>
          {difference === null ||
              difference.to_revision_id !== shown.revision_id
            ? <p class="note" role="status">Comparing</p>
            : (
              <DifferenceView
                difference={difference}
                change={route.change}
                names={run.label_names}
                runId={runId}
                onChange={(change) => go(route.of, change)}
                onMore={state.more}
              />
            )}
        </section>
      )}
    </SidePage>
  );
}

function Row({ row, isShown, onShow }: {
  row: RevisionOverview;
  isShown: boolean;
  onShow: () => void;
}): JSX.Element {
  const { now } = useDeps();
  return (
    <tr aria-current={isShown ? "true" : undefined}>
      <td>
        {row.number === 1
          ? row.number
          : (
            <button type="button" class="link" onClick={onShow}>
              {row.number}
            </button>
          )}
        {row.is_current && <span class="note">current</span>}
      </td>
      <td class="words">{scoredBy(row)}</td>
      <td class="words">{count(row.summary.issue_counts.mislabeled ?? 0)}</td>
      <td>
        <time datetime={row.published_at}>{ago(row.published_at, now())}</time>
      </td>
    </tr>
  );
}

/** What a revision was scored by, where it differs from what is usual. */
export function scoredBy(
  { thresholds, n_verdicts: nVerdicts, model_id: model }: Pick<
    RevisionOverview,
    "thresholds" | "n_verdicts" | "model_id"
  >,
): string {
  const words = [
    ...model ? ["a stored model"] : [],
    ...nVerdicts ? [counted(nVerdicts, "verdict")] : [],
    ...Object.entries(thresholds).flatMap(([type, values]) =>
      Object.entries(values).map(([name, value]) =>
        `${ISSUE_WORDS[type as keyof typeof ISSUE_WORDS]}, ${
          name.replaceAll("_", " ")
        } ${value}`
      )
    ),
  ];
  return words.length > 0 ? words.join("; ") : "the defaults";
}
