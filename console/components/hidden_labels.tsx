import type { JSX } from "preact";
import type { LabelNoiseReport } from "@shared/types/report.ts";
import { count, percent } from "../state/format.ts";
import { LabelChange } from "./marks.tsx";
import { PageLink } from "./page_link.tsx";

const SHOWN = 10;

/** Which given label hides which true one. */
export function HiddenLabels(
  { noise, names, runId }: {
    noise: LabelNoiseReport;
    names: readonly string[];
    runId: string;
  },
): JSX.Element {
  return (
    <section>
      <h3>Labels that hide another</h3>
      <p class="note">
        {noise.judge === "model"
          ? "By the model, on samples that it had not trained on."
          : "By a probe on what the samples hold, that had not seen their labels."}
        {" "}
        It takes {percent(noise.share)} of {count(noise.n)} labels for wrong.
      </p>
      <table class="report-table">
        <thead>
          <tr>
            <th scope="col">Given → looks like</th>
            <th scope="col" title="Estimated samples">n</th>
            <th scope="col" title="Of the samples given the label">share</th>
          </tr>
        </thead>
        <tbody>
          {noise.pairs.slice(0, SHOWN).map((pair) => (
            <tr key={`${pair.given_label}\0${pair.true_label}`}>
              <th scope="row">
                <PageLink
                  route={{
                    page: "run",
                    runId,
                    filters: {
                      label: pair.given_label,
                      suggested: pair.true_label,
                    },
                    at: null,
                    pane: "list",
                  }}
                >
                  <LabelChange
                    given={pair.given_label}
                    suggested={pair.true_label}
                    names={names}
                  />
                </PageLink>
              </th>
              <td>≈ {count(Math.round(pair.n))}</td>
              <td>{percent(pair.share_of_given)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
