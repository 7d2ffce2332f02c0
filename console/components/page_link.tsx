import type { ComponentChildren, JSX } from "preact";
import { formatRoute, type Route } from "../state/route.ts";
import { useDeps } from "./context.ts";

/** A link to another page, without reading this one's programs again. */
export function PageLink(
  { route, children }: { route: Route; children: ComponentChildren },
): JSX.Element {
  const { place } = useDeps();
  return (
    <a
      class="link"
      href={formatRoute(route)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        place.go(route);
      }}
    >
      {children}
    </a>
  );
}
