import type { Device } from "../graphs/session.ts";
import { encoderKey } from "./encoder_key.ts";
import type { EncodingKind, EncodingShelf } from "./encoding_shelf.ts";
import { type ImageEncoderSession, openImageEncoder } from "./image_encoder.ts";
import { imageFactRow, pixelsOf } from "./image_fact_row.ts";
import { decodeImages } from "./image_pixels.ts";
import { DEFAULT_MODELS, readModel } from "./model_file.ts";

/** How images are seen. */
export interface ImageViewOptions {
  /** Path or https URL of an image encoder; default: the one of this repository. */
  readonly imageEncoder?: string;
  /**
   * What images may take together, in ms of a nominal machine; default: whatever they take. Where encoding all would take more, none is
   * encoded; where decoding them would, none is looked at.
   */
  readonly imageBudgetMs?: number;
  /** Images that are to come, if that is known: what cannot be paid for is not begun. */
  readonly nImages?: number;
  /** Reads models; default `readModel`. */
  readonly readModel?: typeof readModel;
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads; default 2. */
  readonly threads?: number;
  /** Ends the work between two steps. */
  readonly signal?: AbortSignal;
}

/** Two cores take this long to decode and measure an image, for each of its pixels, and to encode it for a megabyte of the model: measured. */
const DECODE_MS = 2;
const MS_PER_PIXEL = 5e-6;
const MS_PER_MB = 0.45;
/** A GPU encodes at least this many times faster. */
const GPU_SPEEDUP = 10;

/** Looks at images as they come: encodes, measures and hashes each content once, as far as the budget allows all of them. */
export class ImageViews {
  readonly #options: ImageViewOptions;
  readonly #shelf: EncodingShelf;
  #model: Promise<Uint8Array<ArrayBuffer>> | null = null;
  #session: Promise<ImageEncoderSession> | null = null;
  #isOpen: Promise<void> | null = null;
  #encodeMs = 0; // of one image
  #decodedMs = 0;
  #nSeen = 0;
  #isEncoding = true;
  #isMeasuring = true;
  #nBad = 0;

  /**
   * Opens nothing yet.
   *
   * @param options Model and budget.
   * @param shelf Where encodings are looked for, and put.
   */
  constructor(options: ImageViewOptions, shelf: EncodingShelf) {
    this.#options = options;
    this.#shelf = shelf;
  }

  /** Keys of its encoders, by what they give. */
  async keys(): Promise<Partial<Record<EncodingKind, string>>> {
    return {
      image: await encoderKey("image", await this.#readModel()),
      image_facts: await encoderKey("image_facts"),
    };
  }

  /** Whether images are worth reading, as far as is known. */
  async isLooking(): Promise<boolean> {
    await this.#open();
    return this.#isMeasuring;
  }

  /** Whether all that is wanted of a content's image is known. */
  isKnown(contentHash: string): boolean {
    const isKnown = (kind: EncodingKind) =>
      this.#shelf.get(kind, contentHash) !== undefined;
    return isKnown("image_facts") && (!this.#isEncoding || isKnown("image"));
  }

  /**
   * Looks at images.
   *
   * @param images Files as bytes, (n).
   * @param contentHashes Hash of the content each is of, null where it cannot be told again, (n).
   * @returns Of each its vector and its facts, null where there are none; and places of those that cannot be decoded.
   */
  async look(
    images: readonly Uint8Array[],
    contentHashes: readonly (string | null)[],
  ): Promise<
    {
      vectors: (Float32Array | null)[];
      facts: (Float32Array | null)[];
      bad: number[];
    }
  > {
    const { signal, threads } = this.#options;
    await this.#open();
    const recall = (kind: EncodingKind) =>
      contentHashes.map((hash) => this.#shelf.get(kind, hash) ?? null);
    const vectors = recall("image");
    const facts = recall("image_facts");
    const bad: number[] = [];
    for (const rows of batchesOf(images.length)) {
      signal?.throwIfAborted();
      if (!this.#isMeasuring) break;
      const unknown = rows.filter((i) =>
        facts[i] === null || (this.#isEncoding && vectors[i] === null)
      );
      const decoded = await decodeImages(
        unknown.map((i) => images[i]!),
        threads,
      );
      unknown.forEach((i, at) => {
        const image = decoded[at]!;
        if (image === null) bad.push(i);
        else if (facts[i] === null) {
          facts[i] = imageFactRow(image);
          this.#shelf.put("image_facts", contentHashes[i]!, facts[i]);
        }
      });
      for (const i of rows) this.#pay(facts[i] ?? null);
      const missing = unknown.flatMap((i, at) =>
        decoded[at] && vectors[i] === null ? [{ i, ...decoded[at] }] : []
      );
      if (!this.#isEncoding || missing.length === 0) continue;
      const session = await this.#openSession();
      const made = await session.encodePixels(missing.map((m) => m.pixels));
      missing.forEach(({ i }, at) => {
        vectors[i] = made[at]!;
        this.#shelf.put("image", contentHashes[i]!, made[at]!);
      });
    }
    this.#nBad += bad.length;
    return { vectors, facts, bad };
  }

  /** What counts in the end: nothing that was not within the budget for all images. */
  get outcome(): {
    isEncoded: boolean;
    isMeasured: boolean;
    notes: string[];
  } {
    const { imageBudgetMs = Infinity } = this.#options;
    const notes: string[] = [];
    if (!this.#isEncoding) {
      notes.push(
        `Images were ${
          this.#isMeasuring ? "measured, but not encoded" : "not looked at"
        }: for all of them that takes more than the ${
          Math.round(imageBudgetMs / 1000)
        } s it may take (15 times ASSAY_ENCODE_BUDGET_S)`,
      );
    }
    if (this.#nBad > 0) {
      notes.push(
        `Images that are no JPEG, PNG, WebP or GIF that can be decoded: ${this.#nBad}`,
      );
    }
    return {
      isEncoded: this.#isEncoding,
      isMeasured: this.#isMeasuring,
      notes,
    };
  }

  /** Frees native memory. */
  async release(): Promise<void> {
    await (await this.#session)?.release();
  }

  #open(): Promise<void> {
    return this.#isOpen ??= (async () => {
      const { imageBudgetMs = Infinity, nImages = 0, device = "cpu" } =
        this.#options;
      if (imageBudgetMs === Infinity) return;
      const model = await this.#readModel();
      this.#encodeMs = MS_PER_MB * model.length / 1e6 /
        (device === "cpu" ? 1 : GPU_SPEEDUP);
      this.#compare(nImages, nImages * DECODE_MS);
    })();
  }

  /** Counts what an image costs, known or not: what is chosen must not depend on what was encoded before. */
  #pay(facts: Float32Array | null): void {
    this.#nSeen++;
    this.#decodedMs += DECODE_MS + (facts ? pixelsOf(facts) : 0) * MS_PER_PIXEL;
    this.#compare(this.#nSeen, this.#decodedMs);
  }

  #compare(n: number, decodeMs: number): void {
    const { imageBudgetMs = Infinity } = this.#options;
    if (decodeMs + n * this.#encodeMs > imageBudgetMs) this.#isEncoding = false;
    if (decodeMs > imageBudgetMs) this.#isMeasuring = false;
  }

  #readModel(): Promise<Uint8Array<ArrayBuffer>> {
    const { imageEncoder = DEFAULT_MODELS.image, signal } = this.#options;
    const read = this.#options.readModel ?? readModel;
    return this.#model ??= read(imageEncoder, signal);
  }

  #openSession(): Promise<ImageEncoderSession> {
    return this.#session ??= this.#readModel().then((model) =>
      openImageEncoder(model, this.#options)
    );
  }
}

/** Images that are in memory decoded. */
const BATCH = 16;

function batchesOf(n: number): number[][] {
  return Array.from(
    { length: Math.ceil(n / BATCH) },
    (_, b) =>
      Array.from(
        { length: Math.min(BATCH, n - b * BATCH) },
        (_, i) => b * BATCH + i,
      ),
  );
}
