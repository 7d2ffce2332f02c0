import type { InferredBlock, RefusedSamples } from "../codecs/inferred_file.ts";

/** What is added to a block at a time; of one that was refused whole there are no places. */
export interface InferredBatch {
  /** Place after its last sample. */
  readonly to: number;
  readonly places: readonly number[];
  /** (places.length * nClasses,). */
  readonly scores: Float32Array;
  /** (places.length * width,); null: none. */
  readonly embeddings: Float32Array | null;
  readonly refused: readonly (RefusedSamples & { readonly part: string })[];
}

/** Collects what comes out of a model, batch by batch, until it is worth an object. */
export class BlockBuilder {
  readonly #nClasses: number;
  #from: number;
  #to: number;
  #batches: InferredBatch[] = [];
  #refused = new Map<string, RefusedSamples>();

  /**
   * Holds nothing yet.
   *
   * @param from Place of its first sample.
   * @param nClasses Numbers of a row of scores.
   */
  constructor(from: number, nClasses: number) {
    this.#from = this.#to = from;
    this.#nClasses = nClasses;
  }

  /** Takes a batch; returns the place after its last sample, and how many numbers there are in all. */
  add(batch: InferredBatch): { to: number; nNumbers: number } {
    this.#to = batch.to;
    if (batch.places.length > 0) this.#batches.push(batch);
    this.#refuse(batch.refused);
    const nNumbers = this.#batches.reduce(
      (sum, b) => sum + b.scores.length + (b.embeddings?.length ?? 0),
      0,
    );
    return { to: batch.to, nNumbers };
  }

  /** Gives what was collected away; the next block begins where this one ends. */
  take(): InferredBlock {
    const batches = this.#batches;
    const places = batches.flatMap((b) => b.places);
    const hasAll = batches.every((b) => b.embeddings !== null);
    const scores = new Float32Array(places.length * this.#nClasses);
    const lengths = batches.map((b) => hasAll ? b.embeddings!.length : 0);
    const embeddings = new Float32Array(lengths.reduce((a, b) => a + b, 0));
    let [atScore, atEmbedding] = [0, 0];
    for (const batch of batches) {
      scores.set(batch.scores, atScore);
      atScore += batch.scores.length;
      if (!hasAll) continue;
      embeddings.set(batch.embeddings!, atEmbedding);
      atEmbedding += batch.embeddings!.length;
    }
    const block = {
      from: this.#from,
      to: this.#to,
      nClasses: this.#nClasses,
      width: places.length === 0 ? 0 : embeddings.length / places.length,
      nFirst: batches[0]?.places.length ?? 0,
      places: Int32Array.from(places),
      scores,
      embeddings,
      refused: [...this.#refused.values()],
    };
    this.#from = block.to;
    this.#batches = [];
    this.#refused = new Map();
    return block;
  }

  #refuse(refused: InferredBatch["refused"]): void {
    for (const { part, ...entry } of refused) {
      const key = `${part} ${entry.column} ${entry.rule}`;
      const known = this.#refused.get(key);
      if (known) known.nRows += entry.nRows;
      else this.#refused.set(key, { ...entry });
    }
  }
}
