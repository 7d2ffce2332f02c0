import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { hint } from "../state/keymap.ts";
import { useRun } from "./context.ts";
import { Key } from "./marks.tsx";

const SHOWN_MS = 6_000;

/** One line about what just happened, read out by screen readers. */
export function NoticeLine(): JSX.Element {
  const { store, commands } = useRun();
  const notice = store.notice.value;
  useEffect(() => {
    if (!notice || notice.tone === "bad") return;
    const timer = setTimeout(() => store.notice.value = null, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div class="notice-place" role="status">
      {notice && (
        <div class="notice" data-tone={notice.tone}>
          <span>{notice.words}</span>
          {notice.canUndo && (
            <button
              type="button"
              class="link"
              onClick={() => commands.run("undo")}
            >
              Undo <Key cap={hint("undo")} />
            </button>
          )}
          {notice.tone === "bad" && (
            <button
              type="button"
              class="link"
              onClick={() => store.notice.value = null}
            >
              Close
            </button>
          )}
        </div>
      )}
    </div>
  );
}
