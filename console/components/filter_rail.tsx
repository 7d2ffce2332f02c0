import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import {
  count,
  ISSUE_MEANING,
  ISSUE_ORDER,
  ISSUE_WORDS,
} from "../state/format.ts";
import type { FilterName } from "../state/route.ts";
import { ClassTable } from "./class_table.tsx";
import { ConfusionList } from "./confusion_list.tsx";
import { Choice } from "./choice.tsx";
import { useDeps, useRun } from "./context.ts";

const SEARCH_AFTER_MS = 250;

/** Everything that narrows the list; each choice is in the address. */
export function FilterRail(): JSX.Element {
  const { place } = useDeps();
  return (
    <aside class="rail" aria-label="Filters">
      <div class="rail-head narrow-only">
        <h2>Filters</h2>
        <button
          type="button"
          class="button"
          onClick={() => place.adjust({ pane: "list" })}
        >
          Show the list
        </button>
      </div>
      <Search />
      <Issues />
      <div class="pair">
        <Splits />
        <FilterChoice
          name="verdict"
          title="Verdict"
          options={[
            ["", "Any"],
            ["none", "Not reviewed"],
            ["keep", "Kept"],
            ["relabel", "Relabeled"],
            ["drop", "Dropped"],
            ["needs_review", "Needs review"],
          ]}
        />
      </div>
      <ConfusionList />
      <ClassTable />
    </aside>
  );
}

function Search(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const q = store.filters.value.q ?? "";
  useEffect(() => {
    if (field.current && document.activeElement !== field.current) {
      field.current.value = q;
    }
  }, [q]);
  const apply = () => {
    clearTimeout(timer.current);
    const value = field.current?.value.trim() ?? "";
    if (value !== (store.filters.peek().q ?? "")) place.filter({ q: value });
  };
  return (
    <form
      role="search"
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
        field.current?.blur();
      }}
    >
      <label for="search" class="unseen">Search in texts and ids</label>
      <input
        ref={field}
        id="search"
        type="search"
        placeholder="Search texts and ids"
        autocomplete="off"
        spellcheck={false}
        defaultValue={q}
        onInput={() => {
          clearTimeout(timer.current);
          timer.current = setTimeout(apply, SEARCH_AFTER_MS);
        }}
        onKeyDown={(event) => event.key === "Escape" && field.current?.blur()}
      />
      <kbd aria-hidden="true">F</kbd>
    </form>
  );
}

function Issues(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const counts = store.run.value?.summary?.issue_counts ?? {};
  const chosen = store.filters.value.issue;
  const present = ISSUE_ORDER.filter((type) =>
    (counts[type] ?? 0) > 0 || type === chosen
  );
  return (
    <section aria-labelledby="issues-title">
      <h2 id="issues-title">Issues</h2>
      {present.length === 0 && <p class="note">Nothing was flagged.</p>}
      <ul class="facets">
        {present.map((type) => (
          <li key={type}>
            <button
              type="button"
              class="facet"
              data-issue={type}
              aria-pressed={chosen === type}
              title={ISSUE_MEANING[type]}
              onClick={() =>
                place.filter({ issue: chosen === type ? null : type })}
            >
              <span class="swatch" aria-hidden="true" />
              <span>{ISSUE_WORDS[type]}</span>
              <span class="number">{count(counts[type] ?? 0)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Splits(): JSX.Element {
  const { store } = useRun();
  const splits = [...new Set(store.classes.value.map((row) => row.split))];
  return (
    <FilterChoice
      name="split"
      title="Split"
      options={[["", "All"], ...splits.map((s): [string, string] => [s, s])]}
    />
  );
}

function FilterChoice(
  { name, title, options }: {
    name: FilterName;
    title: string;
    options: readonly (readonly [string, string])[];
  },
): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const chosen = store.filters.value[name] ?? "";
  return (
    <div class="choice">
      <label for={`choice-${name}`}>{title}</label>
      <Choice
        id={`choice-${name}`}
        value={chosen}
        options={options}
        onChoose={(value) => place.filter({ [name]: value })}
      />
    </div>
  );
}
