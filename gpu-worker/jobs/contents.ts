const PREVIEW_BYTES = 2048;
/** Files are cut here: hosted free plans take 50 MB an object. */
const FILE_BYTES = 32_000_000;

/** Whole texts that are longer than their preview: kept in Storage, found again by offset. */
export class Contents {
  readonly #folder: string;
  readonly #places: { file: number; offset: number; bytes: number }[] = [];
  readonly #files: Uint8Array[][] = [[]];
  #fileBytes = 0;

  /** @param folder Folder of the files, of this attempt only. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a text if it is longer than its preview; its place, or -1. */
  add(text: string): number {
    if (text.length * 3 <= PREVIEW_BYTES) return -1;
    const bytes = new TextEncoder().encode(text);
    if (bytes.length <= PREVIEW_BYTES) return -1;
    if (this.#fileBytes > 0 && this.#fileBytes + bytes.length > FILE_BYTES) {
      this.#files.push([]);
      this.#fileBytes = 0;
    }
    this.#places.push({
      file: this.#files.length - 1,
      offset: this.#fileBytes,
      bytes: bytes.length,
    });
    this.#files.at(-1)!.push(bytes);
    this.#fileBytes += bytes.length;
    return this.#places.length - 1;
  }

  /** Where a kept text will lie; null for -1. */
  placeOf(
    place: number,
  ): { path: string; offset: number; bytes: number } | null {
    const found = this.#places[place];
    return found
      ? {
        path: this.#path(found.file),
        offset: found.offset,
        bytes: found.bytes,
      }
      : null;
  }

  /** Where the files are to lie. */
  paths(): string[] {
    return this.#files.flatMap((chunks, i) =>
      chunks.length === 0 ? [] : [this.#path(i)]
    );
  }

  /** The bytes of one file; they are kept no longer. */
  take(path: string): Uint8Array<ArrayBuffer> {
    const chunks = this.#files.find((_, i) => this.#path(i) === path) ?? [];
    const bytes = new Uint8Array(chunks.reduce((n, c) => n + c.length, 0));
    let end = 0;
    for (const chunk of chunks.splice(0)) {
      bytes.set(chunk, end);
      end += chunk.length;
    }
    return bytes;
  }

  #path(file: number): string {
    return `${this.#folder}/texts-${file}.txt`;
  }
}

/** The start of a text, at most 2 kB, no character cut; NUL bytes, which PostgreSQL does not take, are dropped. */
export function previewOf(text: string): string {
  const clean = text.slice(0, PREVIEW_BYTES).replaceAll("\0", "")
    .toWellFormed();
  const bytes = new Uint8Array(PREVIEW_BYTES);
  const { written } = new TextEncoder().encodeInto(clean, bytes);
  return new TextDecoder().decode(bytes.subarray(0, written));
}
