import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { type KeyBinding, keyCap, KEYMAP } from "../state/keymap.ts";
import { useRun } from "./context.ts";
import { Label } from "./marks.tsx";

/** A native modal dialog; a click beside it closes it. */
export function Dialog(
  { isOpen, title, children }: {
    isOpen: Signal<boolean>;
    title: string;
    children: ComponentChildren;
  },
): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    if (isOpen.value && !dialog?.open) dialog?.showModal();
    if (!isOpen.value && dialog?.open) dialog.close();
  }, [isOpen.value]);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onClose={() => isOpen.value = false}
      onClick={(event) =>
        event.target === element.current && (isOpen.value = false)}
    >
      {isOpen.value && (
        <div class="dialog-body">
          <header>
            <h2>{title}</h2>
            <button
              type="button"
              class="button quiet"
              onClick={() => isOpen.value = false}
            >
              Close <kbd aria-hidden="true">ESC</kbd>
            </button>
          </header>
          {children}
        </div>
      )}
    </dialog>
  );
}

const GROUPS: readonly KeyBinding["group"][] = [
  "Decide",
  "Move",
  "Select",
  "Find",
];

/** Every key, from the key map itself. */
export function HelpDialog(): JSX.Element {
  const { commands } = useRun();
  return (
    <Dialog isOpen={commands.isHelpOpen} title="Keys">
      <div class="help-groups">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl class="help-keys">
              {KEYMAP.filter((b) => b.group === group).map((binding) => (
                <div key={binding.action}>
                  <dt>
                    {binding.action === "class"
                      ? <kbd>1 – 9</kbd>
                      : binding.keys.map((key) => (
                        <kbd key={key}>{keyCap(key)}</kbd>
                      ))}
                  </dt>
                  <dd>{binding.words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="note">
        A verdict shows at once and is sent in the background; without network
        it is kept in this browser. Everything can be undone.
      </p>
    </Dialog>
  );
}

/** Labels that hold what was typed; those that begin with it first. */
export function matchLabels(
  labels: readonly string[],
  typed: string,
): string[] {
  const needle = typed.trim().toLowerCase();
  const holding = labels.filter((l) => l.toLowerCase().includes(needle));
  const starts = (l: string) => l.toLowerCase().startsWith(needle) ? 0 : 1;
  return holding.toSorted((a, b) => starts(a) - starts(b));
}

/** Choose a class of the active sample by typing part of its name. */
export function ClassPicker(): JSX.Element {
  const { store, commands } = useRun();
  return (
    <ClassDialog
      isOpen={commands.isPickerOpen}
      classes={commands.classes}
      names={store.run.value?.label_names ?? []}
      onChoose={commands.choose}
    />
  );
}

export interface ClassDialogProps {
  readonly isOpen: Signal<boolean>;
  /** In the order they are offered. */
  readonly classes: () => readonly string[];
  /** All of the run, for their colours. */
  readonly names: readonly string[];
  readonly onChoose: (label: string) => void;
}

/** Choose a class by typing part of its name. */
export function ClassDialog(props: ClassDialogProps): JSX.Element {
  return (
    <Dialog isOpen={props.isOpen} title="Choose a class">
      <PickerBody {...props} />
    </Dialog>
  );
}

const LISTED = 50;

function PickerBody(
  { classes, names, onChoose }: ClassDialogProps,
): JSX.Element {
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const labels = matchLabels(classes(), typed).slice(0, LISTED);
  const step = (delta: number) =>
    setActive(Math.max(0, Math.min(labels.length - 1, active + delta)));
  return (
    <div class="picker">
      <input
        autofocus
        type="text"
        role="combobox"
        aria-label="Class"
        aria-expanded="true"
        aria-controls="picker-list"
        aria-activedescendant={labels.length > 0 ? `pick-${active}` : undefined}
        autocomplete="off"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
          const move = moves[event.key];
          const label = labels[active];
          if (move !== undefined) step(move);
          else if (event.key === "Enter" && label) onChoose(label);
          else return;
          event.preventDefault();
        }}
      />
      <div
        id="picker-list"
        role="listbox"
        aria-label="Classes"
        class="picker-list"
      >
        {labels.map((label, i) => (
          <div
            key={label}
            id={`pick-${i}`}
            role="option"
            aria-selected={i === active}
            onClick={() => onChoose(label)}
          >
            <Label name={label} names={names} />
          </div>
        ))}
      </div>
      {labels.length === 0 && <p class="note">No class of this name.</p>}
    </div>
  );
}
