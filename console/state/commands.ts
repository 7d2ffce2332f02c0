// deno-lint-ignore-file camelcase
/**
 * What the keys and buttons of the run page do.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";
import type { RankedSample } from "@shared/types/result.ts";
import { counted } from "./format.ts";
import type { Action } from "./keymap.ts";
import { classesByLikelihood } from "./likelihood.ts";
import type { Place } from "./location.ts";
import {
  chooseLabel,
  clear,
  drop,
  keep,
  needsReview,
  type Stance,
  takeSuggestion,
} from "./review.ts";
import { sampleKey } from "./route.ts";
import type { RunStore } from "./run_store.ts";

export interface Commands {
  readonly isHelpOpen: Signal<boolean>;
  readonly isPickerOpen: Signal<boolean>;
  run(action: Action, index?: number): void;
  /** The class a person chose by name or number. */
  choose(label: string): void;
  /** Classes of the active sample, likeliest first. */
  classes(): string[];
  move(delta: number): void;
}

type Decide = (sample: RankedSample) => Stance | null;

const DECISIONS: Readonly<Partial<Record<Action, Decide>>> = {
  keep,
  drop,
  clear,
  needs_review: needsReview,
  suggestion: takeSuggestion,
};

const DECISIONS_ON_SELECTED: Readonly<Partial<Record<Action, Decide>>> = {
  keep_selected: keep,
  drop_selected: drop,
  needs_review_selected: needsReview,
  suggestion_selected: takeSuggestion,
};

const MORE_WITHIN = 40;

export function createCommands(
  store: RunStore,
  place: Place,
  focusSearch: () => void,
): Commands {
  const { list, review, selected, notice } = store;
  const isHelpOpen = signal(false);
  const isPickerOpen = signal(false);

  const tell = (words: string, canUndo = false) =>
    notice.value = { words, tone: "calm", canUndo };

  const place_ = () => list.places.value.get(store.activeKey.value ?? "") ?? -1;

  const move = (delta: number) => {
    const to = place_() + delta;
    const rows = list.rows.value;
    if (to >= rows.length - MORE_WITHIN) list.more();
    if (to >= rows.length && rows.length > 0) {
      tell(
        list.isComplete.value
          ? "That was the last of this list"
          : "Loading more",
      );
    }
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row) place.adjust({ at: sampleKey(row) });
  };

  const mayDecide = () => {
    if (!store.canWrite.value) {
      notice.value = {
        words: "You can look but not decide: your role here is viewer",
        tone: "bad",
      };
    }
    return store.canWrite.value;
  };

  const decide = (decision: Decide) => {
    const sample = store.active.value;
    if (!sample || !mayDecide()) return;
    const stance = decision(sample);
    if (stance === null) {
      tell("No suggestion for this sample: choose a class by its number");
      return;
    }
    const isChange = review.judge([sample], () => stance) > 0;
    notice.value = {
      words: stanceWords(sample, stance),
      tone: "calm",
      canUndo: isChange,
    };
    if (stance.verdict !== "clear") move(1);
  };

  const decideSelected = (decision: Decide) => {
    if (!mayDecide()) return;
    const samples = list.rows.value.filter((row) =>
      selected.value.has(sampleKey(row))
    );
    if (samples.length === 0) {
      tell("Nothing is selected: press X on a sample first");
      return;
    }
    const changed = review.judge(samples, decision);
    const rest = samples.length - changed;
    tell(
      `${counted(changed, "verdict")} given${
        rest > 0 ? `, ${rest} had no change to make` : ""
      }`,
      changed > 0,
    );
    selected.value = new Set();
  };

  const goTo = (step: ReturnType<typeof review.undo>, words: string) => {
    const first = step?.changes[0];
    if (!step || !first) return tell(`Nothing to ${words.toLowerCase()}`);
    place.adjust({ at: first.key });
    tell(`${words}: ${counted(step.changes.length, "verdict")}`);
  };

  const select = (index: number, isToggle: boolean) => {
    const row = list.rows.value[index];
    if (!row) return;
    const next = new Set(selected.value);
    const key = sampleKey(row);
    if (isToggle && next.has(key)) next.delete(key);
    else next.add(key);
    selected.value = next;
  };

  const selectAll = async () => {
    const filters = store.filters.value;
    if (!list.isComplete.value) tell("Reading the whole list");
    await list.all();
    if (store.filters.value !== filters) return;
    selected.value = new Set(list.rows.value.map(sampleKey));
    tell(`${counted(selected.value.size, "sample")} selected`);
  };

  const choose = (label: string) => {
    isPickerOpen.value = false;
    decide(chooseLabel(label));
  };
  const classes = () => {
    const sample = store.active.value;
    return sample
      ? classesByLikelihood(
        sample,
        store.run.value?.label_names ?? [],
        store.confusions.value,
      )
      : [];
  };

  const actions: Readonly<Partial<Record<Action, () => void>>> = {
    next: () => move(1),
    skip: () => move(1),
    previous: () => move(-1),
    undo: () => goTo(review.undo(), "Undo"),
    redo: () => goTo(review.redo(), "Redo"),
    select: () => select(place_(), true),
    select_next:
      () => (select(place_(), false), move(1), select(place_(), false)),
    select_previous:
      () => (select(place_(), false), move(-1), select(place_(), false)),
    select_all: () => void selectAll(),
    pick_class: () => isPickerOpen.value = store.active.value !== null,
    search: focusSearch,
    help: () => isHelpOpen.value = true,
    escape: () => {
      selected.value = new Set();
      notice.value = null;
      place.adjust({ pane: "list" });
    },
  };

  return {
    isHelpOpen,
    isPickerOpen,
    move,
    choose,
    classes,
    run(action, index = 0) {
      const one = DECISIONS[action];
      if (one) return decide(one);
      const many = DECISIONS_ON_SELECTED[action];
      if (many) return decideSelected(many);
      if (action === "class") {
        const label = classes()[index];
        if (label !== undefined) choose(label);
        return;
      }
      actions[action]?.();
    },
  };
}

function stanceWords(sample: RankedSample, { verdict, label }: Stance): string {
  const name = `“${sample.sample_id}”`;
  switch (verdict) {
    case "keep":
      return sample.given_label === null
        ? `Kept ${name}`
        : `Kept ${name} as ${sample.given_label}`;
    case "relabel":
      return `${name} is now ${label}`;
    case "drop":
      return `Dropped ${name}`;
    case "needs_review":
      return `${name} waits for another look`;
    case "clear":
      return `Took back the verdict on ${name}`;
  }
}
