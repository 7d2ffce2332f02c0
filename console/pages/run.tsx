import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { explain } from "../api/error.ts";
import { RunContext, useDeps, useRun } from "../components/context.ts";
import { ClassPicker, HelpDialog } from "../components/dialogs.tsx";
import { FilterRail } from "../components/filter_rail.tsx";
import { JobProgress } from "../components/job_progress.tsx";
import { Message } from "../components/marks.tsx";
import { NoticeLine } from "../components/notice.tsx";
import { RunVerdict } from "../components/run_verdict.tsx";
import { SampleList } from "../components/sample_list.tsx";
import { SamplePane } from "../components/sample_pane.tsx";
import { TopBar } from "../components/top_bar.tsx";
import { createCommands } from "../state/commands.ts";
import { isOpen } from "../state/job_watch.ts";
import { actionOf, keyName } from "../state/keymap.ts";
import type { Pane } from "../state/route.ts";
import { createRunStore, type RunStore } from "../state/run_store.ts";

/** One run: verdict, list, sample, review. */
export function RunPage({ runId }: { runId: string }): JSX.Element {
  const deps = useDeps();
  const { store, commands } = useMemo(() => {
    const store = createRunStore({ ...deps, runId });
    const commands = createCommands(store, deps.place, () => {
      const focus = () => document.getElementById("search")?.focus();
      focus();
      if (document.activeElement?.id === "search") return;
      deps.place.adjust({ pane: "filters" }); // the rail is folded away
      requestAnimationFrame(focus);
    });
    return { store, commands };
  }, [runId]);

  useEffect(() => {
    store.start();
    const stopListening = deps.onRefused((refused, error) => {
      if (refused.run_id !== runId) return;
      store.review.refuse(refused.request);
      store.notice.value = {
        words: `The verdict on “${refused.request.sample_id}” was not taken: ${
          explain(error)
        }`,
        tone: "bad",
      };
    });
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector("dialog[open]")) return;
      const wanted = actionOf(keyName(event));
      if (!wanted || isTyping(event)) return;
      event.preventDefault();
      commands.run(wanted.action, wanted.index);
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      stopListening();
      store.stop();
    };
  }, [store]);

  const run = store.run.value;
  useEffect(() => {
    document.title = run ? `${run.name} · Assay` : "Assay";
  }, [run?.name]);

  return (
    <RunContext.Provider value={{ store, commands }}>
      <TopBar
        {...(run ? { trail: run.name } : {})}
        onHelp={() => commands.isHelpOpen.value = true}
      />
      <Body store={store} />
      <NoticeLine />
      <HelpDialog />
      <ClassPicker />
    </RunContext.Provider>
  );
}

/** Keys that belong to what has the focus: text fields, and space or enter on a button. */
function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("input, textarea, [contenteditable]")) return true;
  if (target.matches("select")) return key !== "Escape";
  return key === " " && target.matches("button, a, summary");
}

function Body({ store }: { store: RunStore }): JSX.Element {
  const { place } = useDeps();
  const run = store.run.value;
  const phase = store.phase.value;
  if (phase !== "ready" || !run?.summary) {
    return (
      <main class="narrow-page">
        <NotReady />
      </main>
    );
  }
  const pane: Pane = place.route.value.page === "run"
    ? place.route.value.pane
    : "list";
  const job = store.job.value;
  return (
    <main class="run-page" data-pane={pane}>
      {job && isOpen(job.state) && (
        <JobProgress job={job} trouble={store.jobTrouble.value} isSlim />
      )}
      {store.error.value !== null && (
        <p class="banner" role="alert">
          {explain(store.error.value)}{" "}
          <button type="button" class="link" onClick={store.retry}>
            Try again
          </button>
        </p>
      )}
      <RunVerdict run={run} summary={run.summary} />
      <div class="columns">
        <FilterRail />
        <SampleList />
        <SamplePane />
      </div>
    </main>
  );
}

/** Why there are no results yet, and what will happen. */
function NotReady(): JSX.Element {
  const { store } = useRun();
  const run = store.run.value;
  const job = store.job.value;
  const again = { words: "Try again", onClick: store.retry };
  if (store.error.value !== null) {
    return (
      <Message
        heading="h1"
        title="The run could not be read"
        tone="bad"
        action={again}
      >
        <p>{explain(store.error.value)}</p>
      </Message>
    );
  }
  switch (store.phase.value) {
    case "open":
      return (
        <Message
          heading="h1"
          title="The training is still sending data"
          tone="busy"
        >
          <p>
            Scoring starts by itself when it calls{" "}
            <code>finish</code>. You can leave this page open.
          </p>
        </Message>
      );
    case "scoring":
      return (
        <Message
          heading="h1"
          title={`Scoring ${run?.name ?? "the run"}`}
          tone="busy"
        >
          <JobProgress job={job} trouble={store.jobTrouble.value} />
          <p class="note">The results appear here by themselves.</p>
        </Message>
      );
    case "stopped":
      return (
        <Message
          heading="h1"
          title={job?.state === "cancelled"
            ? "Scoring was cancelled"
            : job?.state === "failed"
            ? "This run could not be scored"
            : "Not scored yet"}
          tone={job?.state === "failed" ? "bad" : "calm"}
          action={{ words: "Score it again", onClick: store.rescore }}
        >
          {job?.error && <p>{job.error}</p>}
          {job?.error_code && <p class="note">Code: {job.error_code}</p>}
        </Message>
      );
    default:
      return <p class="note" role="status">Reading the run</p>;
  }
}
