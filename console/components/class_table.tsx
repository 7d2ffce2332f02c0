import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ClassReportRow } from "@shared/types/result.ts";
import { count, percent } from "../state/format.ts";
import { useDeps, useRun } from "./context.ts";
import { Label } from "./marks.tsx";

const SHOWN = 8;
const SPLITS = ["training", "validation", "test", "inference"] as const;

/** The rows to show: those of the split filtered by, else of the first split there is; most flagged first. */
export function classRows(
  rows: readonly ClassReportRow[],
  split: string | undefined,
): ClassReportRow[] {
  const shown = split && rows.some((r) => r.split === split)
    ? split
    : SPLITS.find((s) => rows.some((r) => r.split === s));
  return rows.filter((r) => r.split === shown)
    .sort((a, b) => b.n_mislabeled - a.n_mislabeled || b.n_given - a.n_given);
}

/** Quality of each class; a click shows its samples. */
export function ClassTable(): JSX.Element | null {
  const { place } = useDeps();
  const { store } = useRun();
  const [isWhole, setWhole] = useState(false);
  const { label: chosen, split } = store.filters.value;
  const rows = classRows(store.classes.value, split);
  const names = store.run.value?.label_names ?? [];
  if (rows.length === 0) return null;
  const shown = isWhole ? rows : rows.slice(0, SHOWN);
  return (
    <section aria-labelledby="classes-title">
      <h2 id="classes-title">
        Classes <span class="note">{rows[0]?.split}</span>
      </h2>
      <table class="class-table">
        <thead>
          <tr>
            <th scope="col">Given</th>
            <th scope="col" title="Samples given this label">n</th>
            <th scope="col" title="Flagged mislabeled among them">flags</th>
            <th scope="col" title="Precision against given labels">prec</th>
            <th scope="col" title="Recall against given labels">rec</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label} data-chosen={row.label === chosen}>
              <th scope="row">
                <button
                  type="button"
                  aria-pressed={row.label === chosen}
                  onClick={() =>
                    place.filter({
                      label: row.label === chosen ? null : row.label,
                    })}
                >
                  <Label name={row.label} names={names} />
                </button>
              </th>
              <td>{count(row.n_given)}</td>
              <td data-flagged={row.n_mislabeled > 0}>
                {count(row.n_mislabeled)}
              </td>
              <td>{percent(row.precision, 0).replace(" %", "")}</td>
              <td>{percent(row.recall, 0).replace(" %", "")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > SHOWN && (
        <button
          type="button"
          class="link"
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? "Show fewer" : `Show all ${count(rows.length)}`}
        </button>
      )}
    </section>
  );
}
