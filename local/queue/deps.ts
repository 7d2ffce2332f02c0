import type { ReachPoint } from "@shared/types/fault.ts";
import type { Limits } from "./limits.ts";
import type { QueueStore } from "./store/mod.ts";

/** What the API reaches outside itself. */
export interface QueueDeps {
  /** Everything that is kept. */
  readonly store: QueueStore;
  /** Bearer token of callers. */
  readonly token: string;
  /** What the plan allows. */
  readonly limits: Limits;
  /** Most deliveries at once, of everything. */
  readonly parallelism: number;
  /** Called when there is something new to deliver. */
  readonly wake: () => void;
  /** The clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Fault points. */
  readonly reached?: ReachPoint;
  /** Says that something went wrong; never a payload. */
  readonly warn: (text: string, facts: Record<string, unknown>) => void;
}
