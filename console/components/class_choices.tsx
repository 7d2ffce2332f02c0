import type { JSX } from "preact";
import { hint } from "../state/keymap.ts";
import { Key, Label } from "./marks.tsx";

/** Classes that have a key of their own, 1 to 9. */
const CHOICES = 9;

/** What a row of classes shows, and what a press does. */
export interface ClassChoicesProps {
  /** Read out before the buttons. */
  readonly title: string;
  /** All classes, those shown first at the front. */
  readonly classes: readonly string[];
  /** Classes in the order of the run, which gives each its colour. */
  readonly names: readonly string[];
  /** The class that is chosen already; left out: none can be. */
  readonly chosen?: string | null;
  /** Whether nothing can be pressed. */
  readonly isOff?: boolean;
  readonly onChoose: (label: string) => void;
  /** Opens the list of all classes. */
  readonly onMore: () => void;
}

/** The first nine classes as buttons, each with its key, and one for the others. */
export function ClassChoices(
  { title, classes, names, chosen, isOff = false, onChoose, onMore }:
    ClassChoicesProps,
): JSX.Element {
  return (
    <div class="class-choices" role="group" aria-label={title}>
      {classes.slice(0, CHOICES).map((label, i) => (
        <button
          key={label}
          type="button"
          {...(chosen === undefined
            ? {}
            : { "aria-pressed": label === chosen })}
          disabled={isOff}
          onClick={() => onChoose(label)}
        >
          <Key cap={String(i + 1)} />
          <Label name={label} names={names} />
        </button>
      ))}
      {classes.length > CHOICES && (
        <button type="button" disabled={isOff} onClick={onMore}>
          <Key cap={hint("pick_class")} /> {classes.length - CHOICES} more
        </button>
      )}
    </div>
  );
}
