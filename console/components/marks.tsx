// deno-lint-ignore-file camelcase
import type { JSX } from "preact";
import type { FirstIssueType } from "@shared/types/issue.ts";
import type { VerdictKind } from "@shared/types/verdict.ts";
import { ISSUE_WORDS, score, VERDICT_WORDS } from "../state/format.ts";

const COLOURS = 8;
const LONG = 12;

/** A class name with its colour; one without a label says so. */
export function Label(
  { name, names }: { name: string | null; names: readonly string[] },
): JSX.Element {
  if (name === null) return <span class="label label-none">unlabelled</span>;
  const place = names.indexOf(name);
  return (
    <span
      class="label"
      data-colour={place < 0 ? "" : place % COLOURS}
      title={name.length > LONG ? name : undefined}
    >
      <span class="label-text" dir="auto">{name}</span>
    </span>
  );
}

/** Given label, arrow, suggested label; only the given one where it stands. */
export function LabelChange(
  { given, suggested, names }: {
    given: string | null;
    suggested: string | null;
    names: readonly string[];
  },
): JSX.Element {
  return (
    <span class="label-change">
      <Label name={given} names={names} />
      {suggested !== null && suggested !== given && (
        <>
          <span class="arrow" aria-label="suggested">→</span>
          <Label name={suggested} names={names} />
        </>
      )}
    </span>
  );
}

export function IssueChip({ type }: { type: FirstIssueType }): JSX.Element {
  return <span class="chip" data-issue={type}>{ISSUE_WORDS[type]}</span>;
}

/** A score as a number on a short bar. */
export function ScoreBar(
  { value, kind, title }: {
    value: number | null;
    kind: "mislabeled" | "hard" | "calm";
    title: string;
  },
): JSX.Element {
  return (
    <span class="score" data-kind={kind} title={title}>
      <span class="score-track" aria-hidden="true">
        <span
          class="score-fill"
          style={{ width: `${Math.max(0, Math.min(1, value ?? 0)) * 100}%` }}
        />
      </span>
      <span class="score-number">{score(value)}</span>
    </span>
  );
}

const VERDICT_MARKS: Readonly<Record<VerdictKind, string>> = {
  keep: "✓",
  relabel: "→",
  drop: "✕",
  needs_review: "?",
  clear: "",
};

/** The verdict of a row as one sign; nothing where there is none. */
export function VerdictMark(
  { verdict }: { verdict: VerdictKind },
): JSX.Element {
  return (
    <span class="verdict-mark" data-verdict={verdict}>
      <span aria-hidden="true">{VERDICT_MARKS[verdict]}</span>
      {verdict !== "clear" && (
        <span class="unseen">{VERDICT_WORDS[verdict]}</span>
      )}
    </span>
  );
}

export function Key({ cap }: { cap: string }): JSX.Element {
  return <kbd aria-hidden="true">{cap}</kbd>;
}

/** A page or panel that has words instead of content. */
export function Message(
  { title, children, tone = "calm", action, heading = "h2" }: {
    title: string;
    children?: preact.ComponentChildren;
    tone?: "calm" | "bad" | "busy";
    action?: { words: string; onClick: () => void };
    heading?: "h1" | "h2" | "h3";
  },
): JSX.Element {
  const Heading = heading;
  return (
    <div class="message" data-tone={tone}>
      <Heading>{title}</Heading>
      {children}
      {action && (
        <button type="button" class="button" onClick={action.onClick}>
          {action.words}
        </button>
      )}
    </div>
  );
}
