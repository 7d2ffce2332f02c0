// deno-lint-ignore-file camelcase
import type { JSX } from "preact";
import type { IssueType } from "@shared/types/issue.ts";
import type {
  ChangeCounts,
  ChangeKind,
  RevisionDifference,
  SampleChange,
} from "@shared/types/revision.ts";
import { count, counted, oneLine, score } from "../state/format.ts";
import { CHANGES, sampleKey } from "../state/route.ts";
import { IssueChip, Label } from "./marks.tsx";
import { PageLink } from "./page_link.tsx";

const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  any: "anything",
  issue_types: "other issues",
  newly_flagged: "newly flagged",
  no_longer_flagged: "no longer flagged",
  suggestion: "another suggestion",
  probability: "another probability",
  rank: "another rank",
};

/** What two revisions say differently: numbers that filter, and the samples. */
export function DifferenceView({ difference, change, names, runId, ...on }: {
  difference: RevisionDifference;
  change: ChangeKind;
  names: readonly string[];
  runId: string;
  onChange: (change: ChangeKind) => void;
  onMore: () => void;
}): JSX.Element {
  const { counts, rows, next_cursor: next } = difference;
  return (
    <>
      {counts && (
        <p class="change-kinds" role="group" aria-label="What changed">
          {CHANGES.map((kind) => (
            <button
              key={kind}
              type="button"
              class="button quiet"
              aria-pressed={kind === change}
              onClick={() => on.onChange(kind)}
            >
              {count(counts[kind as keyof ChangeCounts] as number)}{" "}
              {CHANGE_WORDS[kind]}
            </button>
          ))}
        </p>
      )}
      {rows.length === 0
        ? <p class="note">No sample changed in this way.</p>
        : (
          <div class="wide-table">
            <table class="report-table changes">
              <thead>
                <tr>
                  <th scope="col">Sample</th>
                  <th scope="col" class="words">Issues</th>
                  <th scope="col" class="words">Suggestion</th>
                  <th scope="col">Score</th>
                  <th scope="col">Rank</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Change
                    key={sampleKey(row)}
                    row={row}
                    names={names}
                    runId={runId}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      {next !== null && (
        <button type="button" class="button" onClick={on.onMore}>
          Show more
        </button>
      )}
      {counts && (
        <p class="note">
          Of {counted(counts.n_compared, "sample")} that both are about.
        </p>
      )}
    </>
  );
}

function Change(
  { row, names, runId }: {
    row: SampleChange;
    names: readonly string[];
    runId: string;
  },
): JSX.Element {
  return (
    <tr>
      <td class="words" title={row.reason || undefined}>
        <PageLink
          route={{
            page: "run",
            runId,
            filters: {},
            at: sampleKey(row),
            pane: "sample",
          }}
        >
          {row.sample_id}
        </PageLink>{" "}
        <span class="note" dir="auto">{oneLine(row.text_preview ?? "")}</span>
      </td>
      <td class="words">
        <Issues types={row.issue_types_before} />
        <Arrow />
        <Issues types={row.issue_types_after} />
      </td>
      <td class="words">
        {row.suggested_label_before === row.suggested_label_after
          ? <Suggestion name={row.suggested_label_after} names={names} />
          : (
            <>
              <Suggestion name={row.suggested_label_before} names={names} />
              <Arrow />
              <Suggestion name={row.suggested_label_after} names={names} />
            </>
          )}
      </td>
      <td>
        {score(row.mislabeled_score_before)}
        <Arrow />
        {score(row.mislabeled_score_after)}
      </td>
      <td>
        {count(row.rank_before)}
        <Arrow />
        {count(row.rank_after)}
      </td>
    </tr>
  );
}

function Arrow(): JSX.Element {
  return <span class="arrow" aria-label="then">→</span>;
}

function Issues({ types }: { types: readonly IssueType[] }): JSX.Element {
  if (types.length === 0) return <IssueChip type="clean" />;
  return <>{types.map((type) => <IssueChip key={type} type={type} />)}</>;
}

function Suggestion(
  { name, names }: { name: string | null; names: readonly string[] },
): JSX.Element {
  return name === null
    ? <span class="note">none</span>
    : <Label name={name} names={names} />;
}
