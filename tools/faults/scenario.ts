import type { RunRecord } from "./run.ts";
import type { Workload } from "./workload.ts";
import type { World } from "./world.ts";

/** A fault that is no kill. */
export interface Scenario {
  readonly fault: string;
  /** Where on the path. */
  readonly point: string;
  /** Whether its training is one in Python. */
  readonly needsPython?: boolean;
  /** What its runs are; default `outputs`. */
  readonly kind?: Workload["kind"];
  /** Makes it happen once, with runs of this workload. */
  once(world: World, workload: Workload): Promise<Outcome>;
}

/** What one try of a scenario came to. */
export interface Outcome {
  /** Whether the fault happened where it was to happen. */
  readonly isReached: boolean;
  /** Runs that were in flight. */
  readonly runs: readonly RunRecord[];
  /** From the fault's end until its runs had ended; null: it does not last. */
  readonly recoveryMs: number | null;
  /** What was done twice beside the runs' own rows. */
  readonly doubled?: number;
  /** What did not end beside them. */
  readonly stuck?: number;
}
