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

export function createPlace(win: Window): Place {
  const here = () => parseRoute(win.location.pathname, win.location.search);
  const route = signal(here());
  win.addEventListener("popstate", () => route.value = here());

  const go = (next: Route) => {
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
      const next = { ...route.value, ...changes };
      win.history.replaceState(null, "", formatRoute(next));
      route.value = next;
    },
    filter(changes) {
      const now = route.value;
      if (now.page !== "run") return;
      go({ ...now, filters: withFilters(now.filters, changes), at: null });
    },
  };
}
