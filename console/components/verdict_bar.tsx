import type { JSX } from "preact";
import type { RankedSample } from "@shared/types/result.ts";
import { VERDICT_WORDS } from "../state/format.ts";
import { type Action, hint } from "../state/keymap.ts";
import { yieldWords } from "../state/tally.ts";
import { ClassChoices } from "./class_choices.tsx";
import { useRun } from "./context.ts";
import { Key } from "./marks.tsx";

/** The verdicts as buttons, each with its key. */
export function VerdictBar({ sample }: { sample: RankedSample }): JSX.Element {
  const { store, commands } = useRun();
  const stance = store.review.stanceOf(sample);
  const { suggested_label: suggested, given_label: given } = sample;
  const isOff = !store.canWrite.value;
  const names = store.run.value?.label_names ?? [];
  const button = (
    action: Action,
    words: string,
    isChosen: boolean,
    isDisabled = false,
  ) => (
    <button
      type="button"
      class="verdict"
      data-action={action}
      aria-pressed={isChosen}
      disabled={isOff || isDisabled}
      onClick={() => commands.run(action)}
    >
      <span class="verdict-words">{words}</span>
      <Key cap={hint(action)} />
    </button>
  );
  return (
    <footer class="verdict-bar">
      <div class="verdicts" role="group" aria-label="Verdict">
        {button(
          "keep",
          given === null ? "Keep" : `Keep ${given}`,
          stance.verdict === "keep",
        )}
        {button(
          "suggestion",
          suggested === null ? "No suggestion" : `Make ${suggested}`,
          stance.verdict === "relabel" && stance.label === suggested,
          suggested === null,
        )}
        {button("drop", "Drop", stance.verdict === "drop")}
        {button("needs_review", "Later", stance.verdict === "needs_review")}
      </div>
      {names.length > 2 && (
        <ClassChoices
          title="Classes, likeliest first"
          classes={commands.classes()}
          names={names}
          chosen={stance.label}
          isOff={isOff}
          onChoose={commands.choose}
          onMore={() => commands.run("pick_class")}
        />
      )}
      <div class="verdict-foot">
        <button
          type="button"
          class="button quiet"
          disabled={!store.review.canUndo.value}
          onClick={() => commands.run("undo")}
        >
          Undo <Key cap={hint("undo")} />
        </button>
        <button
          type="button"
          class="button quiet"
          onClick={() => commands.run("skip")}
        >
          Skip <Key cap={hint("skip")} />
        </button>
        <span class="note yield" data-testid="yield">
          {isOff
            ? "You can look but not decide (viewer)"
            : stance.verdict === "clear"
            ? yieldWords(store.review.tally.value)
            : `${VERDICT_WORDS[stance.verdict]}${
              stance.label ? ` to ${stance.label}` : ""
            } · ${yieldWords(store.review.tally.value)}`}
        </span>
      </div>
    </footer>
  );
}
