import type { JSX } from "preact";
import type { LabelConfusion } from "@shared/types/result.ts";
import { count, percent } from "../state/format.ts";
import { useDeps, useRun } from "./context.ts";
import { LabelChange } from "./marks.tsx";

const SHOWN = 6;

/** Which labels stand where which others should; a click shows those samples. */
export function ConfusionList(): JSX.Element | null {
  const { place } = useDeps();
  const { store } = useRun();
  const { label, suggested, split } = store.filters.value;
  const names = store.run.value?.label_names ?? [];
  const rows = store.confusions.value
    .filter((row) => !split || row.split === split)
    .toSorted((a, b) => b.n_flagged - a.n_flagged).slice(0, SHOWN);
  if (rows.length === 0) return null;
  const most = rows[0]!.n_flagged;
  const isChosen = (row: LabelConfusion) =>
    row.given_label === label && row.suggested_label === suggested;
  return (
    <section aria-labelledby="confusions-title">
      <h2 id="confusions-title">Label confusions</h2>
      <ul class="confusions">
        {rows.map((row) => (
          <li key={`${row.split} ${row.given_label} ${row.suggested_label}`}>
            <button
              type="button"
              aria-pressed={isChosen(row)}
              title={`${
                percent(row.share_of_given)
              } of the ${row.split} samples given “${row.given_label}”`}
              onClick={() =>
                place.filter(
                  isChosen(row) ? { label: null, suggested: null } : {
                    label: row.given_label,
                    suggested: row.suggested_label,
                    split: row.split,
                  },
                )}
            >
              <LabelChange
                given={row.given_label}
                suggested={row.suggested_label}
                names={names}
              />
              <span class="share" aria-hidden="true">
                <span style={{ width: `${row.n_flagged / most * 100}%` }} />
              </span>
              <span class="number">{count(row.n_flagged)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
