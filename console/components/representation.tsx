import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type {
  ClassRepresentation,
  RepresentationReport,
} from "@shared/types/report.ts";
import { count, percent } from "../state/format.ts";
import { Label } from "./marks.tsx";

const SHOWN = 12;

/** Which classes the representation tells apart, worst first. */
export function Representation(
  { report, names }: {
    report: RepresentationReport;
    names: readonly string[];
  },
): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const classes = worstFirst(report.classes);
  const shown = isWhole ? classes : classes.slice(0, SHOWN);
  const numbers: [string, string, string][] = [
    [
      "Dimensions used",
      report.effective_rank === null
        ? "unknown"
        : `${report.effective_rank.toFixed(1)} of ${count(report.width)}`,
      "Effective rank: the exponential of the entropy of the variances",
    ],
    [
      "Neighbours alike",
      percent(report.neighbour_purity),
      "Share of neighbours that are given the same label",
    ],
    [
      "Probe right",
      percent(report.probe_accuracy),
      "Share of given labels that a linear probe tells without having seen them",
    ],
    [
      "Silhouette",
      report.silhouette === null ? "unknown" : report.silhouette.toFixed(2),
      "From -1, nearer to another class, to 1, far from all others",
    ],
  ];
  return (
    <section aria-labelledby="representation-title">
      <h2 id="representation-title">What can be told apart</h2>
      <p class="note">
        {report.source === "embedding"
          ? "By the embeddings that the training logged."
          : "By what the samples hold: the training logged no embeddings."}
      </p>
      <dl class="key-numbers">
        {numbers.map(([name, value, title]) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <table class="report-table">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th
              scope="col"
              title="Fisher's ratio to the nearest class; below 1 they lie in one another"
            >
              apart
            </th>
            <th scope="col">from</th>
            <th scope="col" title="Share of neighbours with the same label">
              alike
            </th>
            <th scope="col" title="Share that a linear probe tells right">
              probe
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label}>
              <th scope="row">
                <Label name={row.label} names={names} />
              </th>
              <td data-flagged={(row.separability ?? 1) < 1}>
                {row.separability === null ? "–" : row.separability.toFixed(2)}
              </td>
              <td class="words">
                {row.nearest_label !== null && (
                  <Label name={row.nearest_label} names={names} />
                )}
              </td>
              <td>{percent(row.neighbour_purity, 0)}</td>
              <td>{percent(row.probe_accuracy, 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {classes.length > SHOWN && (
        <button
          type="button"
          class="link"
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? "Show fewer" : `Show all ${count(classes.length)}`}
        </button>
      )}
    </section>
  );
}

/** Classes with points, those that lie closest to another first. */
export function worstFirst(
  classes: readonly ClassRepresentation[],
): ClassRepresentation[] {
  return classes.filter((c) => c.separability !== null)
    .sort((a, b) => a.separability! - b.separability!);
}
