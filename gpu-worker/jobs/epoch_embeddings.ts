/** Embeddings of one epoch: a sample met twice counts with its mean, one not met is NaN. */
export class EpochEmbeddings {
  /** Numbers of an embedding; 0 until one was met. */
  width = 0;
  readonly #n: number;
  #sums: Float32Array<ArrayBuffer> | null = null;
  readonly #counts: Uint16Array;

  /** @param n Number of samples. */
  constructor(n: number) {
    this.#n = n;
    this.#counts = new Uint16Array(n);
  }

  /**
   * Adds the embeddings of some samples.
   *
   * @param rows Sample of each, (b,).
   * @param vectors Their embeddings, (b, width), NaN where a sample was logged without; null: none.
   * @param width Numbers of an embedding.
   */
  add(rows: Int32Array, vectors: Float32Array | null, width: number): void {
    if (!vectors) return;
    this.width = width;
    const sums = this.#sums ??= new Float32Array(this.#n * width);
    for (let i = 0; i < rows.length; i++) {
      const [from, to] = [i * width, rows[i]! * width];
      if (Number.isNaN(vectors[from])) continue;
      this.#counts[rows[i]!]!++;
      for (let d = 0; d < width; d++) sums[to + d]! += vectors[from + d]!;
    }
  }

  /** Their means, (n, width); null if none was added. Ends the epoch: the sums are given away. */
  means(): { data: Float32Array<ArrayBuffer>; width: number } | null {
    if (!this.#sums) return null;
    for (let row = 0; row < this.#n; row++) {
      const count = this.#counts[row]!;
      if (count === 1) continue;
      for (let d = row * this.width; d < (row + 1) * this.width; d++) {
        this.#sums[d] = this.#sums[d]! / count; // 0 / 0 is NaN: not met
      }
    }
    return { data: this.#sums, width: this.width };
  }
}
