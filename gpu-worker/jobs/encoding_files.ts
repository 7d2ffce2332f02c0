import { AppError } from "@shared/errors.ts";
import {
  decodeEncodings,
  encodeEncodings,
  type KeptEncodings,
} from "../codecs/encodings_file.ts";
import type { EncodingKind, Encodings } from "../encoders/mod.ts";
import type { Lease } from "../runner/lease.ts";
import type { EncodingStore } from "../store/encoding_store.ts";
import { isGone, type ObjectStore } from "../store/object_store.ts";

/** Numbers in one file: 32 MB. */
const MOST_VALUES = 8_000_000;
/** Files of a kind that are read; what older ones hold is encoded again, and stands in the newest then. */
const MOST_FILES = 256;
/** Times that files are cut anew as others were noted meanwhile; then what stands twice stands twice. */
const MOST_TRIES = 5;

/** Takes encodings; returns how many contents are still without one of that kind. */
type TakeEncodings = (encodings: Encodings) => Promise<number>;

/**
 * Encodings of a dataset's contents as files: those that other runs left, and those that this attempt leaves. Of two runs that encode the same contents at
 * once the second takes what the first has kept, and keeps the rest.
 */
export class EncodingFiles {
  readonly #lease: Lease;
  readonly #deps: {
    readonly objects: ObjectStore;
    readonly encodings: EncodingStore;
  };
  readonly #keys: Readonly<Partial<Record<EncodingKind, string>>>;
  readonly #mostValues: number;
  /** Files that were found, read or not. */
  readonly #seen = new Set<string>();
  /** Contents that are asked for, hex, by number. */
  #places: ReadonlyMap<string, number> = new Map();
  /** Of them, 1 where a file holds one, by kind. */
  readonly #found = new Map<EncodingKind, Uint8Array>();
  #dataset: { readonly id: string; readonly take: TakeEncodings } | null = null;
  #nFiles = 0;

  /**
   * Reads and writes nothing yet.
   *
   * @param lease Whose attempt this is.
   * @param deps Where files lie, and where they are noted.
   * @param keys Key of the encoder of each kind; a kind without one is not kept.
   * @param mostValues Numbers in one file.
   */
  constructor(
    lease: Lease,
    deps: {
      readonly objects: ObjectStore;
      readonly encodings: EncodingStore;
    },
    keys: Readonly<Partial<Record<EncodingKind, string>>>,
    mostValues: number = MOST_VALUES,
  ) {
    this.#lease = lease;
    this.#deps = deps;
    this.#keys = keys;
    this.#mostValues = mostValues;
  }

  /**
   * Reads what is known, the newest files first. A file that is gone or damaged is passed over: what it held is encoded again.
   *
   * @param contentHashes Contents that are asked for, hex; of others nothing is remembered, and they are kept though others may have kept them.
   * @param take Takes encodings; returns how many contents are still without one of that kind.
   */
  async recall(
    datasetId: string,
    contentHashes: readonly string[],
    take: TakeEncodings,
  ): Promise<void> {
    this.#dataset = { id: datasetId, take };
    this.#places = new Map(
      [...new Set(contentHashes)].map((hash, i) => [hash, i]),
    );
    this.#found.clear();
    this.#seen.clear();
    await this.recallNew();
  }

  /** Reads what others have kept since it was last read. */
  async recallNew(): Promise<void> {
    const kinds = Object.entries(this.#keys) as [EncodingKind, string][];
    if (this.#dataset === null || kinds.length === 0) return;
    const { id, take } = this.#dataset;
    const keys = kinds.map(([, key]) => key);
    const files = (await this.#deps.encodings.find(id, keys))
      .filter(({ path }) => !this.#seen.has(path));
    for (const { path } of files) this.#seen.add(path);
    for (const [kind, key] of kinds) {
      const own = files.filter(({ encoder }) => encoder === key);
      for (const { path } of own.slice(0, MOST_FILES)) {
        const kept = await this.#read(path, key);
        if (kept === null) continue;
        this.#find(kind, kept.contentHashes);
        if (await take({ kind, ...kept }) === 0) break;
      }
    }
  }

  /**
   * Keeps what was made and nobody has kept meanwhile: first all files, then a note of them together, so that another attempt finds all or none.
   *
   * @throws {AppError} `upstream_unavailable` if they cannot be noted: another attempt goes on, or the run was deleted.
   */
  async keep(made: readonly Encodings[]): Promise<void> {
    let left = made;
    for (let tries = 1;; tries++) {
      if (left.every(({ kind }) => this.#keys[kind] === undefined)) return;
      await this.recallNew();
      left = left.map((own) => this.#without(own));
      const files = await this.#write(left);
      if (files.length === 0) return;
      const isLast = tries === MOST_TRIES || this.#dataset === null;
      const outcome = await this.#deps.encodings.add(
        this.#lease,
        files,
        isLast ? null : [...this.#seen],
      );
      if (outcome === "lost") {
        throw new AppError(
          "upstream_unavailable",
          "Cannot keep encodings: the lease was lost, or the run was deleted",
        );
      }
      const paths = files.map(({ path }) => path);
      if (outcome === "noted") {
        for (const path of paths) this.#seen.add(path);
        return;
      }
      // what stays there the sweeper takes
      await this.#deps.objects.remove(paths).catch(() => {});
    }
  }

  async #write(
    made: readonly Encodings[],
  ): Promise<{ encoder: string; path: string; nContents: number }[]> {
    const { projectId, runId, taskId, attempt, leaseToken } = this.#lease;
    // an attempt that was given back is counted again; its lease is not
    const own = `${taskId}-${attempt}-${leaseToken.slice(0, 8)}`;
    const start = `${projectId}/${runId}/encodings/${own}`;
    const files: { encoder: string; path: string; nContents: number }[] = [];
    for (const encodings of made) {
      const encoder = this.#keys[encodings.kind];
      if (encoder === undefined) continue;
      for (const piece of piecesOf(encodings, this.#mostValues)) {
        const path = `${start}-${this.#nFiles++}.bin`;
        await this.#deps.objects.upload(
          path,
          encodeEncodings({ ...piece, encoder }),
          "application/octet-stream",
        );
        files.push({ encoder, path, nContents: piece.contentHashes.length });
      }
    }
    return files;
  }

  /** Null: it is gone, damaged, or another encoder's. */
  async #read(
    path: string,
    encoder: string,
  ): Promise<KeptEncodings | null> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#deps.objects.download(path);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
    try {
      const kept = decodeEncodings(bytes);
      return kept.encoder === encoder ? kept : null;
    } catch { // damaged
      return null;
    }
  }

  #find(kind: EncodingKind, contentHashes: readonly string[]): void {
    const found = this.#found.get(kind) ?? new Uint8Array(this.#places.size);
    this.#found.set(kind, found);
    for (const hash of contentHashes) {
      const place = this.#places.get(hash);
      if (place !== undefined) found[place] = 1;
    }
  }

  /** Encodings of the contents that no file holds. */
  #without(encodings: Encodings): Encodings {
    const { kind, contentHashes, width, values } = encodings;
    const found = this.#found.get(kind);
    if (!found) return encodings;
    const left = [...contentHashes.keys()].filter((i) =>
      found[this.#places.get(contentHashes[i]!) ?? -1] !== 1
    );
    const own = new Float32Array(left.length * width);
    left.forEach((i, k) =>
      own.set(values.subarray(i * width, (i + 1) * width), k * width)
    );
    return {
      ...encodings,
      contentHashes: left.map((i) => contentHashes[i]!),
      values: own,
    };
  }
}

function* piecesOf(
  { kind, contentHashes, width, values }: Encodings,
  mostValues: number,
): Generator<Encodings> {
  const rows = Math.max(1, Math.floor(mostValues / width));
  for (let start = 0; start < contentHashes.length; start += rows) {
    yield {
      kind,
      contentHashes: contentHashes.slice(start, start + rows),
      width,
      values: values.slice(start * width, (start + rows) * width),
    };
  }
}
