import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RunOverview } from "@shared/types/run.ts";
import { explain } from "../api/error.ts";
import { useDeps } from "../components/context.ts";
import { Message } from "../components/marks.tsx";
import { TopBar } from "../components/top_bar.tsx";
import { ago, count } from "../state/format.ts";
import { formatRoute, type RunRoute } from "../state/route.ts";

/** All runs the caller may see, newest first. */
export function RunsPage(): JSX.Element {
  const { client } = useDeps();
  const [runs, setRuns] = useState<readonly RunOverview[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);

  const load = async (from: string | null) => {
    setError(null);
    try {
      const page = await client.runs({ limit: 50, cursor: from });
      setRuns((known) => [...(from ? known ?? [] : []), ...page.rows]);
      setCursor(page.next_cursor);
    } catch (cause) {
      setError(cause);
    }
  };
  useEffect(() => {
    document.title = "Runs · Assay";
    load(null);
  }, []);

  return (
    <>
      <TopBar />
      <main class="runs-page">
        <h1>Runs</h1>
        {error !== null && (
          <Message
            title="The runs could not be read"
            tone="bad"
            action={{ words: "Try again", onClick: () => load(cursor) }}
          >
            <p>{explain(error)}</p>
          </Message>
        )}
        {runs === null && error === null && (
          <p class="note" role="status">Reading the runs</p>
        )}
        {runs?.length === 0 && <NoRuns />}
        {runs && runs.length > 0 && (
          <ul class="run-list">
            {runs.map((run) => <RunLine key={run.run_id} run={run} />)}
          </ul>
        )}
        {cursor && (
          <button
            type="button"
            class="button"
            onClick={() => load(cursor)}
          >
            Older runs
          </button>
        )}
      </main>
    </>
  );
}

function RunLine({ run }: { run: RunOverview }): JSX.Element {
  const { place, now } = useDeps();
  const route: RunRoute = {
    page: "run",
    runId: run.run_id,
    filters: {},
    at: null,
    pane: "list",
  };
  return (
    <li>
      <a
        href={formatRoute(route)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          place.go(route);
        }}
      >
        <span class="run-name">
          {run.name}
          {run.attempt > 1 && <span class="note">attempt {run.attempt}</span>}
        </span>
        <span class="run-said">{runWords(run)}</span>
        <span class="run-facts note">
          {run.dataset}
          {run.summary && ` · ${count(run.summary.n_samples)} samples`} ·{" "}
          <time datetime={run.created_at}>{ago(run.created_at, now())}</time>
        </span>
        <span class="run-flags" data-state={run.job_state ?? run.state}>
          {run.summary ? count(run.summary.issue_counts.mislabeled ?? 0) : "–"}
          <small>mislabeled</small>
        </span>
      </a>
    </li>
  );
}

/** Where a run stands, in words. */
export function runWords(run: RunOverview): string {
  if (run.summary) return run.summary.verdict;
  switch (run.job_state) {
    case "queued":
      return "Waiting to be scored";
    case "running":
      return "Being scored";
    case "failed":
      return "Scoring failed";
    case "cancelled":
      return "Scoring was cancelled";
    default:
      return run.state === "open" ? "Receiving data" : "Not scored yet";
  }
}

function NoRuns(): JSX.Element {
  return (
    <Message title="No runs yet">
      <p>
        A run appears here as soon as a training logs to it. For a complete one
        on real mails:
      </p>
      <pre class="terminal">deno task demo</pre>
    </Message>
  );
}
