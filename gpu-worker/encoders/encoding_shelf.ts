/** What is kept of a content: by what an encoder says of it, or what was measured. */
export type EncodingKind = "image" | "image_facts" | "sentence";

/** Encodings of one kind, one a content. Plain data: it may cross to a thread. */
export interface Encodings {
  /** What they are. */
  readonly kind: EncodingKind;
  /** Hashes of whole contents, hex, (n). */
  readonly contentHashes: readonly string[];
  /** Numbers an encoding, above 0. */
  readonly width: number;
  /** One row a content, (n * width,). */
  readonly values: Float32Array<ArrayBuffer>;
}

/** Encodings by content, so that none is made twice: those known from before, and those made since. */
export class EncodingShelf {
  readonly #wanted: ReadonlySet<string>;
  readonly #known = new Map<EncodingKind, Map<string, Float32Array>>();
  readonly #made = new Map<EncodingKind, Map<string, Float32Array>>();
  #nMade = 0;

  /**
   * Holds nothing yet.
   *
   * @param wanted Hashes of contents that may be asked for; others are not kept.
   */
  constructor(wanted: Iterable<string> = []) {
    this.#wanted = new Set(wanted);
  }

  /** Encodings that were made since, whether their content can be told again or not. */
  get nMade(): number {
    return this.#nMade;
  }

  /**
   * Takes encodings from before; those known first stay.
   *
   * @returns How many of the wanted contents are without one of this kind.
   */
  know({ kind, contentHashes, width, values }: Encodings): number {
    const known = this.#of(this.#known, kind);
    contentHashes.forEach((hash, i) => {
      if (!this.#wanted.has(hash) || known.has(hash)) return;
      known.set(hash, values.slice(i * width, (i + 1) * width));
    });
    return this.#wanted.size - known.size;
  }

  /**
   * The encoding of a content.
   *
   * @param contentHash Its hash; null where it cannot be told again.
   * @returns Undefined if there is none.
   */
  get(
    kind: EncodingKind,
    contentHash: string | null,
  ): Float32Array | undefined {
    if (contentHash === null) return undefined;
    return this.#of(this.#known, kind).get(contentHash);
  }

  /** Notes an encoding that was made. */
  put(
    kind: EncodingKind,
    contentHash: string | null,
    values: Float32Array,
  ): void {
    this.#nMade++;
    if (contentHash === null || !this.#wanted.has(contentHash)) return;
    this.#of(this.#known, kind).set(contentHash, values);
    this.#of(this.#made, kind).set(contentHash, values);
  }

  /** Encodings made since they were last taken, in the order they were made; none where all are known. */
  takeMade(): Encodings[] {
    const found = Array.from(this.#made, ([kind, rows]): Encodings => {
      const width = rows.values().next().value!.length;
      const values = new Float32Array(rows.size * width);
      [...rows.values()].forEach((row, i) => values.set(row, i * width));
      return { kind, contentHashes: [...rows.keys()], width, values };
    });
    this.#made.clear();
    return found;
  }

  #of(
    shelf: Map<EncodingKind, Map<string, Float32Array>>,
    kind: EncodingKind,
  ): Map<string, Float32Array> {
    const rows = shelf.get(kind) ?? new Map<string, Float32Array>();
    shelf.set(kind, rows);
    return rows;
  }
}
