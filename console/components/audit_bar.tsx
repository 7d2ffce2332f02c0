import type { JSX } from "preact";
import type { Signal } from "@preact/signals";
import type { RankedSample } from "@shared/types/result.ts";
import type { AuditReview } from "../state/audit_review.ts";
import { type Action, hint } from "../state/keymap.ts";
import { Key, Label } from "./marks.tsx";

const CHOICES = 9;

/** The verdicts as buttons, each with its key; classes in the order of the run, whatever is likely. */
export function AuditBar(
  { audit, sample, isPickerOpen }: {
    audit: AuditReview;
    sample: RankedSample;
    isPickerOpen: Signal<boolean>;
  },
): JSX.Element {
  const names = audit.run.value?.label_names ?? [];
  const button = (action: Action, words: string, onClick: () => void) => (
    <button
      type="button"
      class="verdict"
      data-action={action}
      onClick={onClick}
    >
      <span class="verdict-words">{words}</span>
      <Key cap={hint(action)} />
    </button>
  );
  return (
    <footer class="verdict-bar">
      <div class="verdicts" role="group" aria-label="Verdict">
        {button("keep", `Keep ${sample.given_label}`, audit.keep)}
        {button("drop", "Drop", audit.drop)}
        {button("needs_review", "Later", audit.later)}
      </div>
      <div class="class-choices" role="group" aria-label="Classes">
        {names.slice(0, CHOICES).map((label, i) => (
          <button
            key={label}
            type="button"
            onClick={() => audit.choose(label)}
          >
            <Key cap={String(i + 1)} />
            <Label name={label} names={names} />
          </button>
        ))}
        {names.length > CHOICES && (
          <button
            type="button"
            onClick={() => isPickerOpen.value = true}
          >
            <Key cap={hint("pick_class")} /> {names.length - CHOICES} more
          </button>
        )}
      </div>
      <div class="verdict-foot">
        <button
          type="button"
          class="button quiet"
          disabled={!audit.review.canUndo.value}
          onClick={audit.undo}
        >
          Undo <Key cap={hint("undo")} />
        </button>
      </div>
    </footer>
  );
}
