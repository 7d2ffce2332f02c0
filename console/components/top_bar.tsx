import type { JSX } from "preact";
import { counted } from "../state/format.ts";
import { useDeps } from "./context.ts";

/** Where one is, whether all is saved, and help. */
export function TopBar(
  { trail, onHelp }: { trail?: string; onHelp?: () => void },
): JSX.Element {
  const { place, session } = useDeps();
  return (
    <header class="top-bar">
      <a
        class="brand"
        href="/"
        aria-label="Assay, all runs"
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          place.go({ page: "runs" });
        }}
      >
        <Logo />
        <span>Assay</span>
      </a>
      <nav class="trail" aria-label="Where you are">
        {trail && <span class="trail-end">{trail}</span>}
      </nav>
      {session.hasLink && <SaveState />}
      {onHelp && (
        <button type="button" class="button quiet help" onClick={onHelp}>
          <span class="wide-only">Keys</span>
          <kbd>?</kbd>
          <span class="unseen narrow-name">Keys</span>
        </button>
      )}
    </header>
  );
}

/** Whether the verdicts given so far have reached the server. */
function SaveState(): JSX.Element {
  const { queue } = useDeps();
  const pending = queue.pending.value;
  const trouble = queue.trouble.value;
  const state = pending === 0 ? "saved" : trouble ? "waiting" : "sending";
  const words = {
    saved: "All saved",
    sending: "Saving",
    waiting: queue.isVolatile.value
      ? `${counted(pending, "verdict")} not saved: keep this tab open`
      : `${
        counted(pending, "verdict")
      } kept here, sent when the server is back`,
  }[state];
  return (
    <div class="save-state" data-state={state}>
      <span class="dot" aria-hidden="true" />
      <span role="status">{words}</span>
      {state === "waiting" && (
        <button
          type="button"
          class="link"
          onClick={() => queue.wake()}
        >
          Try now
        </button>
      )}
    </div>
  );
}

function Logo(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M8 23 15 8.5a1.1 1.1 0 0 1 2 0L24 23" class="logo-line" />
      <path d="M7 18.5h18" class="logo-streak" />
    </svg>
  );
}
