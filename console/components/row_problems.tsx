import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Page } from "@shared/types/page.ts";
import type { RowProblem } from "@shared/types/result.ts";
import { explain } from "../api/error.ts";
import { count, counted } from "../state/format.ts";
import { useDeps } from "./context.ts";
import { Dialog } from "./dialogs.tsx";

/** How many rows could not be used, and on request which and why. */
export function RowProblems(
  { runId, n }: { runId: string; n: number },
): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <div class="warning">
      {counted(n, "row")} could not be used and {n === 1 ? "is" : "are"}{" "}
      not scored.{" "}
      <button type="button" class="link" onClick={() => isOpen.value = true}>
        Show why
      </button>
      <Dialog isOpen={isOpen} title="Rows that could not be used">
        <ProblemList runId={runId} />
      </Dialog>
    </div>
  );
}

function ProblemList({ runId }: { runId: string }): JSX.Element {
  const { client } = useDeps();
  const [page, setPage] = useState<Page<RowProblem> | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    client.problems(runId).then(setPage, setError);
  }, [runId]);
  if (error !== null) return <p role="alert">{explain(error)}</p>;
  if (page === null) return <p class="note" role="status">Reading the list</p>;
  return (
    <ul class="problems">
      {page.rows.map((problem, i) => (
        <li key={i}>
          {problem.message}
          {problem.n_rows > 1 && (
            <span class="note">{count(problem.n_rows)} rows</span>
          )}
        </li>
      ))}
      {page.next_cursor && (
        <li class="note">There are more: ask the API for all of them.</li>
      )}
    </ul>
  );
}
