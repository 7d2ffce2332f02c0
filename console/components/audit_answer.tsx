import type { JSX } from "preact";
import type { Audit } from "@shared/types/audit.ts";
import { count, percent } from "../state/format.ts";
import { PageLink } from "./page_link.tsx";

/** How many labels are wrong, with its interval; nothing before there is a number. */
export function AuditAnswer(
  { audit, isDone }: { audit: Audit; isDone: boolean },
): JSX.Element | null {
  const { answer } = audit;
  if (answer === null) return null;
  const { n_errors: n, rate } = answer;
  return (
    <section class="audit-answer" data-testid="audit-answer">
      <h2>
        About {count(Math.round(n.mean))} of {count(answer.n_labels)}{" "}
        labels are wrong
      </h2>
      <p>
        90 % interval {count(Math.floor(n.low))} to{" "}
        {count(Math.ceil(n.high))}, that is {percent(rate.low)} to{" "}
        {percent(rate.high)}. {count(answer.n_confirmed)}{" "}
        of them were found by people.
        {!isDone && " Every further sample makes it narrower."}
      </p>
      {isDone && (
        <p>
          <PageLink
            route={{
              page: "run",
              runId: audit.run_id,
              filters: {},
              at: null,
              pane: "list",
            }}
          >
            Go on with the worst samples
          </PageLink>
        </p>
      )}
    </section>
  );
}
