import { AppError } from "@shared/errors.ts";
import { decodeEncodings, encodeEncodings } from "../codecs/encodings_file.ts";
import type { EncodingKind, Encodings } from "../encoders/mod.ts";
import type { Lease } from "../runner/lease.ts";
import type { EncodingStore } from "../store/encoding_store.ts";
import { isGone, type ObjectStore } from "../store/object_store.ts";

/** Numbers in one file: 32 MB. */
const MOST_VALUES = 8_000_000;
/** Files of a kind that are read; what older ones hold is encoded again, and stands in the newest then. */
const MOST_FILES = 256;

/** Encodings of a dataset's contents as files: those that earlier runs left, and those that this attempt leaves. */
export class EncodingFiles {
  readonly #lease: Lease;
  readonly #deps: {
    readonly objects: ObjectStore;
    readonly encodings: EncodingStore;
  };
  readonly #keys: Readonly<Partial<Record<EncodingKind, string>>>;
  readonly #mostValues: number;
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
   * @param take Takes encodings; returns how many contents are still without one of that kind.
   */
  async recall(
    datasetId: string,
    take: (encodings: Encodings) => Promise<number>,
  ): Promise<void> {
    const kinds = Object.entries(this.#keys) as [EncodingKind, string][];
    if (kinds.length === 0) return;
    const files = await this.#deps.encodings.find(
      datasetId,
      kinds.map(([, key]) => key),
    );
    for (const [kind, key] of kinds) {
      const own = files.filter(({ encoder }) => encoder === key);
      for (const { path } of own.slice(0, MOST_FILES)) {
        const found = await this.#read(path);
        if (found && await take({ kind, ...found }) === 0) break;
      }
    }
  }

  /**
   * Keeps what was made: first all files, then a note of them together, so that another attempt finds all or none.
   *
   * @throws {AppError} `upstream_unavailable` if they cannot be noted: another attempt goes on, or the run was deleted.
   */
  async keep(made: readonly Encodings[]): Promise<void> {
    const { projectId, runId, taskId, attempt } = this.#lease;
    const folder = `${projectId}/${runId}/encodings/${taskId}-${attempt}`;
    const files: { encoder: string; path: string; nContents: number }[] = [];
    for (const encodings of made) {
      const encoder = this.#keys[encodings.kind];
      if (encoder === undefined) continue;
      for (const piece of piecesOf(encodings, this.#mostValues)) {
        const path = `${folder}-${this.#nFiles++}.bin`;
        await this.#deps.objects.upload(
          path,
          encodeEncodings(piece),
          "application/octet-stream",
        );
        files.push({ encoder, path, nContents: piece.contentHashes.length });
      }
    }
    if (files.length === 0) return;
    if (!await this.#deps.encodings.add(this.#lease, files)) {
      throw new AppError(
        "upstream_unavailable",
        "Cannot keep encodings: the lease was lost, or the run was deleted",
      );
    }
  }

  async #read(
    path: string,
  ): Promise<ReturnType<typeof decodeEncodings> | null> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#deps.objects.download(path);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
    try {
      return decodeEncodings(bytes);
    } catch { // damaged
      return null;
    }
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
