/**
 * Every key of the run page, once: the help dialog and the hints on buttons are made from this table.
 *
 * @module
 */

/** What a key can ask for; `review.ts` and the run page do it. */
export type Action =
  | "next"
  | "previous"
  | "keep"
  | "suggestion"
  | "drop"
  | "needs_review"
  | "skip"
  | "class"
  | "pick_class"
  | "clear"
  | "undo"
  | "redo"
  | "select"
  | "select_next"
  | "select_previous"
  | "select_all"
  | "keep_selected"
  | "suggestion_selected"
  | "drop_selected"
  | "needs_review_selected"
  | "search"
  | "escape"
  | "help";

export interface KeyBinding {
  readonly action: Action;
  /** As {@linkcode keyName} spells them; the first is shown on buttons. */
  readonly keys: readonly string[];
  readonly words: string;
  readonly group: "Move" | "Decide" | "Select" | "Find";
}

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

// deno-fmt-ignore
export const KEYMAP: readonly KeyBinding[] = [
  { group: "Decide", action: "keep", keys: ["q"], words: "Keep the given label" },
  { group: "Decide", action: "suggestion", keys: ["w"], words: "Take the suggested label" },
  { group: "Decide", action: "drop", keys: ["e"], words: "Drop the sample" },
  { group: "Decide", action: "needs_review", keys: ["n"], words: "Needs another look" },
  { group: "Decide", action: "class", keys: DIGITS, words: "Choose a class, likeliest first" },
  { group: "Decide", action: "pick_class", keys: ["/"], words: "Choose a class by name" },
  { group: "Decide", action: "clear", keys: ["c"], words: "Take the verdict back" },
  { group: "Decide", action: "undo", keys: ["u", "ctrl+z"], words: "Undo" },
  { group: "Decide", action: "redo", keys: ["shift+u", "ctrl+shift+z"], words: "Redo" },
  { group: "Move", action: "next", keys: ["j", "ArrowDown"], words: "Next sample" },
  { group: "Move", action: "previous", keys: ["k", "ArrowUp"], words: "Previous sample" },
  { group: "Move", action: "skip", keys: [" "], words: "Skip without a verdict" },
  { group: "Select", action: "select", keys: ["x"], words: "Select or unselect" },
  { group: "Select", action: "select_next", keys: ["shift+j", "shift+ArrowDown"], words: "Extend the selection down" },
  { group: "Select", action: "select_previous", keys: ["shift+k", "shift+ArrowUp"], words: "Extend the selection up" },
  { group: "Select", action: "select_all", keys: ["shift+a"], words: "Select everything the filters match" },
  { group: "Select", action: "keep_selected", keys: ["shift+q"], words: "Keep all selected" },
  { group: "Select", action: "suggestion_selected", keys: ["shift+w"], words: "Take the suggestion for all selected" },
  { group: "Select", action: "drop_selected", keys: ["shift+e"], words: "Drop all selected" },
  { group: "Select", action: "needs_review_selected", keys: ["shift+n"], words: "All selected need another look" },
  { group: "Find", action: "search", keys: ["f"], words: "Search in texts and ids" },
  { group: "Find", action: "escape", keys: ["Escape"], words: "Clear the selection, close what is open" },
  { group: "Find", action: "help", keys: ["?"], words: "This help" },
];

/** The action of a key and, for `class`, which one; null when the key means nothing. */
export function actionOf(
  key: string,
): { action: Action; index: number } | null {
  for (const { action, keys } of KEYMAP) {
    const index = keys.indexOf(key);
    if (index !== -1) return { action, index };
  }
  return null;
}

/** A key press in words such as `shift+j`; `?` and digits are what they print. */
export function keyName(
  event: Pick<
    KeyboardEvent,
    "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey"
  >,
): string {
  if (event.altKey) return "";
  const isNamed = event.key.length > 1 || /^[a-z]$/i.test(event.key);
  const key = event.key.length > 1 ? event.key : event.key.toLowerCase();
  return [
    event.ctrlKey || event.metaKey ? "ctrl" : "",
    event.shiftKey && isNamed ? "shift" : "",
    key,
  ].filter(Boolean).join("+");
}

/** The key as a keyboard shows it. */
export function keyCap(key: string): string {
  const caps: Record<string, string> = {
    " ": "space",
    ArrowDown: "↓",
    ArrowUp: "↑",
    Escape: "esc",
    shift: "⇧",
    ctrl: "ctrl",
  };
  return key.split("+").map((k) => caps[k] ?? k.toUpperCase()).join(" ");
}

/** The cap of an action's first key, for buttons. */
export function hint(action: Action): string {
  return keyCap(KEYMAP.find((b) => b.action === action)?.keys[0] ?? "");
}
