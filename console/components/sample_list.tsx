import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { explain } from "../api/error.ts";
import { count, counted, ISSUE_WORDS } from "../state/format.ts";
import { expectedCount } from "../state/expected_count.ts";
import type { FilterName } from "../state/route.ts";
import { type SampleKey, sampleKey } from "../state/route.ts";
import { Choice } from "./choice.tsx";
import { useDeps, useRun } from "./context.ts";
import { Message } from "./marks.tsx";
import { SelectionBar } from "./selection_bar.tsx";
import { rowId, SampleRow } from "./sample_row.tsx";
import { useVirtual } from "./virtual.ts";

const ROW_PX = 78; // also --row-height in styles/list.css
const MORE_WITHIN = 60;
const SORTS = [["rank", "Worst first"], ["hardness", "Hardest first"]] as const;
const NARROW = "(max-width: 759px)";

/** The ranked list, worst first. */
export function SampleList(): JSX.Element {
  const { store } = useRun();
  const { list } = store;
  const rows = list.rows.value;
  return (
    <section class="list-pane" aria-labelledby="list-title">
      <ListHead />
      {rows.length > 0 ? <Rows /> : list.status.value === "failed"
        ? (
          <Message
            title="The list could not be read"
            tone="bad"
            heading="h3"
            action={{ words: "Try again", onClick: () => list.more() }}
          >
            <p>{explain(list.error.value)}</p>
          </Message>
        )
        : list.status.value === "loading"
        ? <Skeleton />
        : <Empty />}
      <SelectionBar />
    </section>
  );
}

function ListHead(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const { list } = store;
  const total = expectedCount(
    store.filters.value,
    store.run.value?.summary ?? null,
    list.rows.value.length,
    list.isComplete.value,
  );
  const sort = store.filters.value.sort ?? "rank";
  return (
    <div class="list-head">
      <h2 id="list-title">
        {total === null
          ? list.rows.value.length > 0
            ? `${count(list.rows.value.length)}+ samples`
            : "Samples"
          : counted(total, "sample")}
      </h2>
      <FilterChips />
      <span class="legend wide-only" aria-hidden="true">
        <span data-kind="mislabeled">mislabeled</span>
        <span data-kind="hard">hardness</span>
      </span>
      <label for="sort" class="unseen">Order</label>
      <Choice
        id="sort"
        value={sort}
        options={SORTS}
        onChoose={(value) =>
          place.filter({ sort: value === "rank" ? null : value })}
      />
      <button
        type="button"
        class="button narrow-only"
        onClick={() => place.adjust({ pane: "filters" })}
      >
        Filters
      </button>
    </div>
  );
}

function FilterChips(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const words: Partial<Record<FilterName, (value: string) => string>> = {
    issue: (v) => ISSUE_WORDS[v as keyof typeof ISSUE_WORDS] ?? v,
    split: (v) => v,
    label: (v) => `given ${v}`,
    predicted: (v) => `predicted ${v}`,
    suggested: (v) => `→ ${v}`,
    verdict: (v) => v === "none" ? "not reviewed" : v.replace("_", " "),
    q: (v) => `“${v}”`,
  };
  const active = Object.entries(store.filters.value).filter(([name]) =>
    name in words
  ) as [FilterName, string][];
  return (
    <ul class="filter-chips" aria-label="Active filters">
      {active.map(([name, value]) => (
        <li key={name}>
          <button
            type="button"
            aria-label={`Remove the filter ${words[name]!(value)}`}
            onClick={() => place.filter({ [name]: null })}
          >
            {words[name]!(value)} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Rows(): JSX.Element {
  const { place } = useDeps();
  const { store, commands } = useRun();
  const { list, review } = store;
  const rows = list.rows.value;
  const activeKey = store.activeKey.value;
  const active = list.places.value.get(activeKey ?? "") ?? -1;
  const element = useRef<HTMLDivElement>(null);
  const range = useVirtual(element, {
    count: rows.length,
    rowPx: ROW_PX,
    active,
  });
  const names = store.run.value?.label_names ?? [];

  useEffect(() => {
    const failed = list.status.peek() === "failed";
    if (range.end > rows.length - MORE_WITHIN && !failed) list.more();
  }, [range.end, rows.length]);

  const open = (key: SampleKey, event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) {
      place.adjust({ at: key });
      commands.run("select");
      return;
    }
    const route = place.route.value;
    if (matchMedia(NARROW).matches && route.page === "run") {
      place.go({ ...route, at: key, pane: "sample" });
    } else place.adjust({ at: key });
  };

  return (
    <div class="list-scroll">
      <div
        ref={element}
        class="rows"
        role="listbox"
        tabIndex={0}
        aria-label="Samples, worst first"
        aria-multiselectable="true"
        aria-activedescendant={active >= range.start && active < range.end
          ? rowId(active)
          : undefined}
        style={{ height: `${rows.length * ROW_PX}px` }}
      >
        {rows.slice(range.start, range.end).map((row, i) => {
          const index = range.start + i;
          const key = sampleKey(row);
          return (
            <SampleRow
              key={key}
              row={row}
              index={index}
              top={index * ROW_PX}
              setSize={list.isComplete.value ? rows.length : -1}
              names={names}
              stance={review.stanceOf(row)}
              isActive={index === active}
              isSelected={store.selected.value.has(key)}
              onOpen={(event) => open(key, event)}
            />
          );
        })}
      </div>
      <ListEnd />
    </div>
  );
}

function ListEnd(): JSX.Element {
  const { store: { list } } = useRun();
  if (list.status.value === "failed") {
    return (
      <p class="list-end" role="alert">
        {explain(list.error.value)}{" "}
        <button type="button" class="link" onClick={() => list.more()}>
          Try again
        </button>
      </p>
    );
  }
  return (
    <p class="list-end">
      {list.isComplete.value ? "That is all" : "Reading more"}
    </p>
  );
}

function Empty(): JSX.Element {
  const { place } = useDeps();
  const { store } = useRun();
  const none = {
    issue: null,
    split: null,
    label: null,
    predicted: null,
    suggested: null,
    verdict: null,
    q: null,
  };
  if (Object.keys(store.filters.value).every((name) => name === "sort")) {
    return (
      <Message title="No samples" heading="h3">
        <p>This run was scored but holds no samples.</p>
      </Message>
    );
  }
  return (
    <Message
      title={store.filters.value.verdict === "none"
        ? "Nothing left to review here"
        : "Nothing matches"}
      heading="h3"
      action={{ words: "Clear all filters", onClick: () => place.filter(none) }}
    >
      <p>No sample of this run matches all the filters at once.</p>
    </Message>
  );
}

function Skeleton(): JSX.Element {
  return (
    <div class="skeleton" role="status">
      <span class="unseen">Reading the list</span>
      {Array.from({ length: 8 }, (_, i) => <div key={i} aria-hidden="true" />)}
    </div>
  );
}
