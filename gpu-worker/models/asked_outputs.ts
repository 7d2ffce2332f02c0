import { AppError } from "@shared/errors.ts";
import type { ModelPlan } from "./contract.ts";

/** Numbers of an embedding that are taken at most. */
export const MOST_WIDTH = 65_536;
/** The embeddings of a run lie in the worker's memory, and once more in a file. */
const MOST_BYTES = 2e9;

/** What a model is asked for: embeddings that nobody named are left out where they are too many. */
export class AskedOutputs {
  /** Name of the output that holds embeddings; null: none is asked for. */
  embedding: string | null;
  /** Why none is asked for though the model has one. */
  leftOut: string | null = null;
  readonly #scores: string;
  readonly #n: number;
  readonly #isNamed: boolean;

  /**
   * Asks for what was planned.
   *
   * @param plan Outputs of the model.
   * @param n Number of samples.
   * @param isNamed Whether its owner named the embedding.
   * @throws {AppError} `unusable_input`, if it was named and cannot be kept.
   */
  constructor(
    plan: Pick<ModelPlan, "scores" | "embedding" | "embeddingWidth">,
    n: number,
    isNamed: boolean,
  ) {
    this.#scores = plan.scores;
    this.embedding = plan.embedding;
    this.#n = n;
    this.#isNamed = isNamed;
    if (plan.embeddingWidth !== null) this.see(plan.embeddingWidth);
  }

  /** Outputs to ask for: scores, and the embedding where there is one. */
  get names(): readonly string[] {
    return [this.#scores, ...this.embedding === null ? [] : [this.embedding]];
  }

  /** Asks for no embedding any more, for a reason that was found before. */
  leaveOut(why: string): void {
    this.embedding = null;
    this.leftOut = why;
  }

  /**
   * Hears how wide the embedding is.
   *
   * @param width Its numbers for each sample.
   * @throws {AppError} `unusable_input`, if it was named and cannot be kept.
   */
  see(width: number): void {
    const fault = faultOf(this.#n, width);
    if (fault === null || this.embedding === null) return;
    if (this.#isNamed) {
      throw new AppError("unusable_input", `Cannot use model as its ${fault}`);
    }
    this.leaveOut(fault);
  }
}

/** Why embeddings (n, width) cannot be kept; null: they can. */
function faultOf(n: number, width: number): string | null {
  if (width > MOST_WIDTH) {
    return `embeddings must have at most ${MOST_WIDTH} numbers: they have ${width}`;
  }
  if (n * width * 4 > MOST_BYTES) {
    return `embeddings of all samples must take at most ${
      MOST_BYTES / 1e9
    } GB: they have ${width} numbers for each of ${n}`;
  }
  return null;
}
