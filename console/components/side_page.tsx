import type { ComponentChildren, JSX } from "preact";
import { PageLink } from "./page_link.tsx";
import { TopBar } from "./top_bar.tsx";

/** A page about a run beside its list of samples: the bar, the way back, and a title. */
export function SidePage(
  { runId, runName, kind, title, children }: {
    runId: string;
    /** Once it is known. */
    runName: string | undefined;
    /** CSS classes of the page. */
    kind: string;
    title: ComponentChildren;
    children: ComponentChildren;
  },
): JSX.Element {
  return (
    <>
      <TopBar {...(runName === undefined ? {} : { trail: runName })} />
      <main class={kind}>
        <p>
          <PageLink
            route={{ page: "run", runId, filters: {}, at: null, pane: "list" }}
          >
            Back to the samples
          </PageLink>
        </p>
        <h1>{title}</h1>
        {children}
      </main>
    </>
  );
}
