import type { JSX } from "preact";
import { count } from "../state/format.ts";
import { type Action, hint } from "../state/keymap.ts";
import { useRun } from "./context.ts";
import { Key } from "./marks.tsx";

const ACTIONS: readonly (readonly [Action, string])[] = [
  ["keep_selected", "Keep"],
  ["suggestion_selected", "Suggestion"],
  ["drop_selected", "Drop"],
  ["needs_review_selected", "Later"],
];

/** What can be done with all selected samples at once. */
export function SelectionBar(): JSX.Element | null {
  const { store, commands } = useRun();
  const size = store.selected.value.size;
  if (size === 0) return null;
  return (
    <section class="selection-bar" aria-label="Selection">
      <strong>{count(size)} selected</strong>
      {ACTIONS.map(([action, words]) => (
        <button
          key={action}
          type="button"
          class="button"
          disabled={!store.canWrite.value}
          onClick={() => commands.run(action)}
        >
          {words} {count(size)} <Key cap={hint(action)} />
        </button>
      ))}
      <button
        type="button"
        class="button quiet"
        onClick={() => commands.run("escape")}
      >
        <span class="unseen">Unselect</span> <Key cap={hint("escape")} />
      </button>
    </section>
  );
}
