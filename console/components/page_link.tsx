import type { ComponentChildren, JSX } from "preact";
import { formatRoute, type Route } from "../state/route.ts";
import { useDeps } from "./context.ts";

/** A link to another page, without reading this one's programs again. */
export function PageLink(
  { route, children, isButton = false }: {
    route: Route;
    children: ComponentChildren;
    isButton?: boolean;
  },
): JSX.Element {
  const { place } = useDeps();
  return (
    <a
      class={isButton ? "button" : "link"}
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
