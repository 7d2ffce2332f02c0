import type { JSX } from "preact";
import type { RankedSample } from "@shared/types/result.ts";
import { VERDICT_WORDS } from "../state/format.ts";
import { type Action, hint } from "../state/keymap.ts";
import { yieldWords } from "../state/tally.ts";
import { useRun } from "./context.ts";
import { Key, Label } from "./marks.tsx";

const CHOICES = 9;

/** The verdicts as buttons, each with its key. */
export function VerdictBar({ sample }: { sample: RankedSample }): JSX.Element {
  const { store, commands } = useRun();
  const stance = store.review.stanceOf(sample);
  const { suggested_label: suggested, given_label: given } = sample;
  const isOff = !store.canWrite.value;
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
      <ClassChoices stanceLabel={stance.label} isOff={isOff} />
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

/** Classes by number, where there are more than the buttons above name. */
function ClassChoices(
  { stanceLabel, isOff }: { stanceLabel: string | null; isOff: boolean },
): JSX.Element | null {
  const { store, commands } = useRun();
  const names = store.run.value?.label_names ?? [];
  if (names.length <= 2) return null;
  const classes = commands.classes();
  return (
    <div
      class="class-choices"
      role="group"
      aria-label="Classes, likeliest first"
    >
      {classes.slice(0, CHOICES).map((label, i) => (
        <button
          key={label}
          type="button"
          aria-pressed={label === stanceLabel}
          disabled={isOff}
          onClick={() => commands.choose(label)}
        >
          <Key cap={String(i + 1)} />
          <Label name={label} names={names} />
        </button>
      ))}
      {classes.length > CHOICES && (
        <button
          type="button"
          disabled={isOff}
          onClick={() => commands.run("pick_class")}
        >
          <Key cap={hint("pick_class")} /> {classes.length - CHOICES} more
        </button>
      )}
    </div>
  );
}
