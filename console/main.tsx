/**
 * Composition root of the console: reads the address and the browser, hands both down.
 *
 * @module
 */
import { type JSX, render } from "preact";
import { computed, signal } from "@preact/signals";
import { createClient } from "./api/client.ts";
import type { ApiError } from "./api/error.ts";
import { wait } from "./api/retry.ts";
import { createSession, rememberLink, takeToken } from "./api/session.ts";
import { type Deps, DepsContext, useDeps } from "./components/context.ts";
import { AuditPage } from "./pages/audit.tsx";
import { NoLinkPage } from "./pages/no_link.tsx";
import { ReportPage } from "./pages/report.tsx";
import { RevisionsPage } from "./pages/revisions.tsx";
import { RunPage } from "./pages/run.tsx";
import { RunsPage } from "./pages/runs.tsx";
import { UnknownPage } from "./pages/unknown.tsx";
import { createPlace } from "./state/location.ts";
import {
  createVerdictQueue,
  type QueuedVerdict,
} from "./state/verdict_queue.ts";

const now = () => Date.now();
const isStale = signal(false);

/** Moves a token from the address bar into this tab. */
function takeLink(): boolean {
  const { token, rest } = takeToken(location.hash);
  if (token === null) return false;
  rememberLink(sessionStorage, token);
  history.replaceState(null, "", location.pathname + location.search + rest);
  return true;
}

takeLink();
addEventListener("hashchange", () => takeLink() && location.reload());

const session = createSession({
  fetch: (input, init) => fetch(input, init),
  storage: sessionStorage,
  now,
});
const client = createClient({
  fetch: (input, init) => fetch(input, init),
  session,
  wait,
  onSignedOut: () => isStale.value = true,
});

const refusedListeners = new Set<
  (verdict: QueuedVerdict, error: ApiError) => void
>();
const queue = createVerdictQueue({
  send: client.putVerdicts,
  storage: localStorage,
  now,
  random: Math.random,
  pause: (ms, stop) => wait(ms, stop).catch(() => {}), // woken early is as good
  onRefused: (verdict, error) => {
    for (const listener of refusedListeners) listener(verdict, error);
  },
});
addEventListener("online", () => queue.wake());
document.addEventListener("visibilitychange", () => queue.wake());
addEventListener("beforeunload", (event) => {
  if (queue.isVolatile.peek()) event.preventDefault();
});

const deps: Deps = {
  client,
  session,
  queue,
  place: createPlace(window),
  wait,
  now,
  onRefused: (listener) => {
    refusedListeners.add(listener);
    return () => refusedListeners.delete(listener);
  },
};

const page = computed(() => {
  const route = deps.place.route.value;
  return "runId" in route ? `${route.page} ${route.runId}` : route.page;
});

function App(): JSX.Element {
  const { session } = useDeps();
  if (!session.hasLink || isStale.value) {
    return <NoLinkPage isStale={isStale.value} />;
  }
  if (page.value === "runs") return <RunsPage />;
  if (page.value === "unknown") return <UnknownPage />;
  const [name, runId] = page.value.split(" ", 2) as [string, string];
  if (name === "audit") return <AuditPage key={runId} runId={runId} />;
  if (name === "revisions") return <RevisionsPage key={runId} runId={runId} />;
  return name === "report"
    ? <ReportPage key={runId} runId={runId} />
    : <RunPage key={runId} runId={runId} />;
}

render(
  <DepsContext.Provider value={deps}>
    <App />
  </DepsContext.Provider>,
  document.getElementById("app")!,
);
