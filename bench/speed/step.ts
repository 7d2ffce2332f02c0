import type { NpyArray } from "../npy.ts";

/** What a step answers, by name, and numbers worth telling. */
export interface StepAnswer {
  /** Written beside what the peer answers. */
  readonly arrays: Readonly<Record<string, NpyArray>>;
  /** Told as metrics. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Told in words. */
  readonly words?: Readonly<Record<string, string>>;
}

/** How a step is run. */
export interface StepOptions {
  /** Where its inputs are, with "/" at the end. */
  readonly folder: string;
  /** Threads that graphs may take. */
  readonly threads: number;
}

/** Reads a step's inputs; the function it gives is what is measured. */
export type Step = (
  options: StepOptions,
) => Promise<() => StepAnswer | Promise<StepAnswer>>;
