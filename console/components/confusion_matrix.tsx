import type { JSX } from "preact";
import type { ConfusionCell } from "@shared/types/report.ts";
import { count } from "../state/format.ts";
import { Label, LabelChange } from "./marks.tsx";

/** More classes than this are told as a list. */
const MOST_CLASSES = 12;
const MOST_LISTED = 12;

/** Given labels down, predictions across; of many classes the cells off the diagonal that hold most. */
export function ConfusionMatrix(
  { cells, names }: {
    cells: readonly ConfusionCell[];
    names: readonly string[];
  },
): JSX.Element {
  return names.length > MOST_CLASSES
    ? <List cells={cells} names={names} />
    : <Matrix cells={cells} names={names} />;
}

function Matrix(
  { cells, names }: {
    cells: readonly ConfusionCell[];
    names: readonly string[];
  },
): JSX.Element {
  const found = new Map(
    cells.map((c) => [`${c.given_label}\0${c.predicted_label}`, c.n]),
  );
  const totals = Map.groupBy(cells, (c) => c.given_label);
  return (
    <div class="wide-table">
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">given ↓ predicted →</th>
            {names.map((name) => (
              <th scope="col" key={name}>
                <Label name={name} names={names} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((given) => {
            const total = (totals.get(given) ?? []).reduce(
              (n, c) => n + c.n,
              0,
            );
            return (
              <tr key={given}>
                <th scope="row">
                  <Label name={given} names={names} />
                </th>
                {names.map((predicted) => {
                  const n = found.get(`${given}\0${predicted}`) ?? 0;
                  return (
                    <td
                      key={predicted}
                      data-right={given === predicted}
                      style={{ "--share": total ? n / total : 0 }}
                    >
                      {n === 0 ? "" : count(n)}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Cells off the diagonal, most samples first. */
export function confusedCells(
  cells: readonly ConfusionCell[],
): ConfusionCell[] {
  return cells.filter((c) => c.given_label !== c.predicted_label)
    .sort((a, b) => b.n - a.n);
}

function List(
  { cells, names }: {
    cells: readonly ConfusionCell[];
    names: readonly string[];
  },
): JSX.Element {
  const confused = confusedCells(cells);
  if (confused.length === 0) {
    return <p class="note">No sample was predicted as another class.</p>;
  }
  return (
    <table class="report-table">
      <thead>
        <tr>
          <th scope="col">Given → predicted</th>
          <th scope="col">n</th>
        </tr>
      </thead>
      <tbody>
        {confused.slice(0, MOST_LISTED).map((cell) => (
          <tr key={`${cell.given_label}\0${cell.predicted_label}`}>
            <th scope="row">
              <LabelChange
                given={cell.given_label}
                suggested={cell.predicted_label}
                names={names}
              />
            </th>
            <td>{count(cell.n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
