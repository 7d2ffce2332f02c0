import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Client } from "../api/client.ts";
import type { Session } from "../api/session.ts";
import type { Commands } from "../state/commands.ts";
import type { Place } from "../state/location.ts";
import type { QueuedVerdict, VerdictQueue } from "../state/verdict_queue.ts";
import type { ApiError } from "../api/error.ts";
import type { RunStore } from "../state/run_store.ts";

/** What every page is given. */
export interface Deps {
  readonly client: Client;
  readonly session: Session;
  readonly queue: VerdictQueue;
  readonly place: Place;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
  /** Calls back for each verdict the server will never take; returns how to stop. */
  readonly onRefused: (
    listener: (verdict: QueuedVerdict, error: ApiError) => void,
  ) => () => void;
}

/** What the parts of the run page are given. */
export interface RunDeps {
  readonly store: RunStore;
  readonly commands: Commands;
}

export const DepsContext = createContext<Deps | null>(null);
export const RunContext = createContext<RunDeps | null>(null);

export function useDeps(): Deps {
  return useContext(DepsContext)!;
}

export function useRun(): RunDeps {
  return useContext(RunContext)!;
}
