import { type ReadonlySignal, signal } from "@preact/signals";
import {
  type FilterName,
  formatRoute,
  parseRoute,
  type Route,
  type RunRoute,
  withFilters,
} from "./route.ts";

/** The address bar as a signal, and the only way to change it. */
export interface Place {
  readonly route: ReadonlySignal<Route>;
  /** A step the Back button takes back. */
  go(route: Route): void;
  /** A change too small for a step of its own, such as the active sample. */
  adjust(changes: Partial<Omit<RunRoute, "page">>): void;
  /** Changes filters of the run page; the list starts over. */
  filter(changes: Partial<Record<FilterName, string | null>>): void;
}

/** Browsers refuse to replace the address more than some hundred times in half a minute. */
const WRITE_AFTER_MS = 200;

export function createPlace(win: Window): Place {
  const here = () => parseRoute(win.location.pathname, win.location.search);
  const route = signal(here());
  let timer: ReturnType<typeof setTimeout> | undefined;

  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const url = formatRoute(route.value);
    if (route.value.page !== "unknown") win.history.replaceState(null, "", url);
  };
  win.addEventListener("pagehide", () => timer !== undefined && write());
  win.addEventListener("popstate", () => {
    clearTimeout(timer);
    timer = undefined;
    route.value = here();
  });

  const go = (next: Route) => {
    if (timer !== undefined) write();
    const url = formatRoute(next);
    if (url !== win.location.pathname + win.location.search) {
      win.history.pushState(null, "", url);
    }
    route.value = next;
  };
  return {
    route,
    go,
    adjust(changes) {
      if (route.value.page !== "run") return;
      route.value = { ...route.value, ...changes };
      timer ??= setTimeout(write, WRITE_AFTER_MS);
    },
    filter(changes) {
      const now = route.value;
      if (now.page !== "run") return;
      go({ ...now, filters: withFilters(now.filters, changes), at: null });
    },
  };
}
