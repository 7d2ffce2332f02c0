import type { JSX } from "preact";
import type { Signal } from "@preact/signals";
import type { RankedSample } from "@shared/types/result.ts";
import type { AuditReview } from "../state/audit_review.ts";
import { type Action, hint } from "../state/keymap.ts";
import { ClassChoices } from "./class_choices.tsx";
import { Key } from "./marks.tsx";

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
      <ClassChoices
        title="Classes"
        classes={names}
        names={names}
        onChoose={audit.choose}
        onMore={() => isPickerOpen.value = true}
      />
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
