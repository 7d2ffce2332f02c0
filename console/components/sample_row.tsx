import type { JSX } from "preact";
import type { RankedSample } from "@shared/types/result.ts";
import { oneLine } from "../state/format.ts";
import type { Stance } from "../state/review.ts";
import { IssueChip, LabelChange, ScoreBar, VerdictMark } from "./marks.tsx";

export function rowId(index: number): string {
  return `row-${index}`;
}

/** One sample of the list on two lines. */
export function SampleRow(
  { row, index, top, setSize, names, stance, isActive, isSelected, onOpen }: {
    row: RankedSample;
    index: number;
    top: number;
    /** -1 while unknown. */
    setSize: number;
    names: readonly string[];
    stance: Stance;
    isActive: boolean;
    isSelected: boolean;
    onOpen: (event: MouseEvent) => void;
  },
): JSX.Element {
  const suggested = stance.verdict === "relabel"
    ? stance.label
    : row.suggested_label;
  return (
    <div
      id={rowId(index)}
      role="option"
      class="row"
      aria-selected={isSelected || isActive}
      aria-setsize={setSize}
      aria-posinset={index + 1}
      data-active={isActive}
      data-selected={isSelected}
      data-verdict={stance.verdict}
      data-plain={row.reason === ""}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onOpen}
    >
      <span class="row-side">
        <span class="rank">{row.rank}</span>
        <VerdictMark verdict={stance.verdict} />
      </span>
      <span class="row-text" dir="auto">
        {row.text_preview === null
          ? <span class="note">{row.sample_id}</span>
          : oneLine(row.text_preview) || <span class="note">empty text</span>}
      </span>
      <span class="row-facts">
        <LabelChange
          given={row.given_label}
          suggested={suggested}
          names={names}
        />
        <span class="chips">
          {row.issue_types.map((type) => <IssueChip key={type} type={type} />)}
        </span>
      </span>
      {row.reason && <span class="row-reason">{row.reason}</span>}
      <span class="row-scores">
        <ScoreBar
          value={row.mislabeled_score}
          kind="mislabeled"
          title="Mislabeled score, 1 the worst"
        />
        <ScoreBar
          value={row.hardness}
          kind="hard"
          title="Hardness, 1 the hardest"
        />
      </span>
    </div>
  );
}
