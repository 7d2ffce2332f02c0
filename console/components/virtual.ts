import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useState } from "preact/hooks";

/** Rows `start` to `end` (not included). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The rows of equal height that a window sees, and `extra` on either side. */
export function visibleRange(
  { top, height, rowPx, count, extra }: {
    /** First pixel of the list that is in sight; negative above the list. */
    readonly top: number;
    /** Pixels in sight. */
    readonly height: number;
    readonly rowPx: number;
    readonly count: number;
    readonly extra: number;
  },
): Range {
  const first = Math.floor(top / rowPx) - extra;
  const last = Math.ceil((top + height) / rowPx) + extra;
  const start = Math.max(0, Math.min(first, count));
  return { start, end: Math.max(start, Math.min(last, count)) };
}

/** Where to scroll so that row `index` is wholly in sight; null: it is. */
export function scrollTarget(
  { top, height, rowPx, index }: {
    readonly top: number;
    readonly height: number;
    readonly rowPx: number;
    readonly index: number;
  },
): number | null {
  const rowTop = index * rowPx;
  if (rowTop < top) return rowTop;
  if (rowTop + rowPx > top + height) return rowTop + rowPx - height;
  return null;
}

const EXTRA = 8;

/** Draws only what is in sight of `list`, whether its parent or the page scrolls, and keeps row `active` in sight. */
export function useVirtual(
  list: RefObject<HTMLElement | null>,
  { count, rowPx, active }: { count: number; rowPx: number; active: number },
): Range {
  const [range, setRange] = useState<Range>({ start: 0, end: 24 });

  const measure = useCallback(() => {
    if (!list.current) return;
    const { top, height } = inSight(list.current);
    const next = visibleRange({ top, height, rowPx, count, extra: EXTRA });
    setRange((now) =>
      now.start === next.start && now.end === next.end ? now : next
    );
  }, [count, rowPx]);

  useLayoutEffect(() => {
    measure();
    const options = { capture: true, passive: true };
    document.addEventListener("scroll", measure, options);
    const observer = new ResizeObserver(measure);
    observer.observe(scroller(list.current!));
    return () => {
      document.removeEventListener("scroll", measure, options);
      observer.disconnect();
    };
  }, [measure]);

  useLayoutEffect(() => {
    if (active < 0 || !list.current) return;
    const { top, height } = inSight(list.current);
    const target = scrollTarget({ top, height, rowPx, index: active });
    if (target !== null) scroller(list.current).scrollTop += target - top;
  }, [active]);

  return range;
}

/** The element that scrolls `list`: its parent where that is styled so, else the page. */
function scroller(list: HTMLElement): Element {
  const parent = list.parentElement!;
  return getComputedStyle(parent).overflowY === "auto"
    ? parent
    : document.documentElement;
}

function inSight(list: HTMLElement): { top: number; height: number } {
  const element = scroller(list);
  const isPage = element === document.documentElement;
  const viewTop = isPage ? 0 : element.getBoundingClientRect().top;
  return {
    top: viewTop - list.getBoundingClientRect().top,
    height: element.clientHeight,
  };
}
