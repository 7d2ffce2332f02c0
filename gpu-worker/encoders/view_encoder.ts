import type { FeatureView } from "../signals/feature_view.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import { columnsOf } from "./columns.ts";
import { type EncodingKind, EncodingShelf } from "./encoding_shelf.ts";
import { imageColumns } from "./image_fact_row.ts";
import { type ImageViewOptions, ImageViews } from "./image_views.ts";
import { rememberModels } from "./model_file.ts";
import {
  ENCODE_BUDGET_MS,
  textEncoderKey,
  type TextViewOptions,
  textViews,
} from "./text_views.ts";

/** What samples hold; all arrays have the same n entries, null where a sample has none of a kind. */
export interface ViewSamples {
  /** Texts, (n,). */
  readonly texts: readonly (string | null)[];
  /** JPEG, PNG, WebP or GIF files, (n,). */
  readonly images: readonly (Uint8Array | null)[];
  /** Numbers of table rows, (n,). */
  readonly features: readonly (ArrayLike<number> | null)[];
  /** Hashes of whole contents, null where a content cannot be told again, (n,); default: none can. */
  readonly contentHashes?: readonly (string | null)[];
}

/** How views are made. */
export interface EncodeViewsOptions
  extends
    Omit<TextViewOptions, "contentHashes">,
    Omit<ImageViewOptions, "imageBudgetMs"> {
  /** Whether there are other means to score by: texts that would take more than `encodeBudgetMs`, and images that would take more than 15 times that, are then left out; default false. */
  readonly isOptional?: boolean;
  /** Characters kept of all texts together: each is cut in half as often as it takes; default 1e8. */
  readonly mostCharacters?: number;
}

/** Views of samples, and what the people who logged them should know of how they were made. */
export interface EncodedViews {
  /** Views, each with a row for every sample; none where nothing can be seen. */
  readonly views: readonly FeatureView[];
  /** What was measured of images; absent where none was looked at. */
  readonly facts?: ContentFacts;
  /** Perceptual hashes of images, as `SplitInputs` has them, (n * 2,); absent like `facts`. */
  readonly imageHashes?: Uint32Array<ArrayBuffer>;
  /** Sentences. */
  readonly notes: readonly string[];
}

/** Of a text no more is read. */
export const MOST_TEXT_LENGTH = 20_000;
const MOST_CHARACTERS = 1e8;
/** Images may take this many times what the text encoder may: a text has a cheaper view, an image has none. */
const IMAGE_BUDGET = 15;
/** Stands for an image that nobody decodes. */
const KNOWN = new Uint8Array();

/**
 * Takes samples bit by bit, then gives their views. Images are encoded as they come and forgotten; texts are kept, cut, until the end.
 *
 * States: open → `add()` any number of times → `finish()` once → `release()`.
 */
export class ViewEncoder {
  readonly #options: EncodeViewsOptions;
  readonly #shelf: EncodingShelf;
  readonly #images: ImageViews;
  readonly #texts: (string | null)[] = [];
  readonly #vectors: (Float32Array | null)[] = [];
  readonly #imageFacts: (Float32Array | null)[] = [];
  readonly #features: (ArrayLike<number> | null)[] = [];
  readonly #contentHashes: (string | null)[] = [];
  #characters = 0;
  #mostLength = MOST_TEXT_LENGTH;
  #nCut = 0;

  /**
   * Opens nothing yet.
   *
   * @param options Models, budget, device, progress of `finish()`.
   */
  constructor(options: EncodeViewsOptions = {}) {
    const readModel = rememberModels(options.readModel);
    this.#options = { ...options, readModel };
    this.#shelf = options.shelf ?? new EncodingShelf();
    const { isOptional, encodeBudgetMs = ENCODE_BUDGET_MS } = options;
    this.#images = new ImageViews({
      ...this.#options,
      ...isOptional ? { imageBudgetMs: IMAGE_BUDGET * encodeBudgetMs } : {},
    }, this.#shelf);
  }

  /** Keys of encoders that give what can be kept, of the kinds asked for. */
  async keys(
    has: { readonly texts: boolean; readonly images: boolean },
  ): Promise<Partial<Record<EncodingKind, string>>> {
    return {
      ...has.texts ? { sentence: await textEncoderKey(this.#options) } : {},
      ...has.images ? await this.#images.keys() : {},
    };
  }

  /** Whether images are worth reading, as far as is known. */
  isLookingAtImages(): Promise<boolean> {
    return this.#images.isLooking();
  }

  /**
   * Takes samples.
   *
   * @param samples The next n samples.
   * @returns Places in `images`, 0..n-1, of those that cannot be decoded.
   */
  async add(
    { texts, images, features, contentHashes }: ViewSamples,
  ): Promise<number[]> {
    const n = texts.length;
    if (images.length !== n || features.length !== n) {
      throw new RangeError(
        `Cannot take samples as there must be as many images and features as texts (${n}): current value is ${images.length} and ${features.length}`,
      );
    }
    const first = this.#texts.length;
    for (let i = 0; i < n; i++) {
      this.#keep(texts[i]!);
      const row = features[i]!;
      this.#features.push(row && Float32Array.from(row));
      this.#vectors.push(null);
      this.#imageFacts.push(null);
      this.#contentHashes.push(contentHashes?.[i] ?? null);
    }
    const rows = [...images.keys()].filter((i) => images[i] !== null);
    if (rows.length === 0) return [];
    const { vectors, facts, bad } = await this.#images.look(
      rows.map((i) => images[i]!),
      rows.map((i) => this.#contentHashes[first + i]!),
    );
    rows.forEach((row, i) => {
      this.#vectors[first + row] = vectors[i]!;
      this.#imageFacts[first + row] = facts[i]!;
    });
    return bad.map((i) => rows[i]!);
  }

  /**
   * Takes samples that hold an image or nothing, where all that is wanted of them is known: then nobody need read them.
   *
   * @param contentHashes Of the next n samples, null where one holds nothing, (n,).
   * @returns False if one is not known; then none was taken.
   */
  async addKnown(contentHashes: readonly (string | null)[]): Promise<boolean> {
    const isKnown = contentHashes.every((hash) =>
      hash === null || this.#images.isKnown(hash)
    );
    if (!isKnown) return false;
    const nothing = contentHashes.map(() => null);
    await this.add({
      texts: nothing,
      images: contentHashes.map((hash) => hash === null ? null : KNOWN),
      features: nothing,
      contentHashes,
    });
    return true;
  }

  /**
   * The views of all samples taken: `columns`, `tfidf`, `sentence` or `tokens`, `image`, as far as there are any.
   *
   * @param order The place, in the order they were added, of each sample; default: as added, (n,).
   */
  async finish(
    order: ArrayLike<number> = this.#texts.keys().toArray(),
  ): Promise<EncodedViews> {
    const inOrder = <T>(list: readonly T[]) =>
      Array.from(order, (at) => list[at]!);
    const views: FeatureView[] = [];
    const notes: string[] = [];
    const columns = columnsOf(inOrder(this.#features));
    if (columns) {
      views.push({ name: "columns", features: columns.matrix });
      if (columns.nOtherWidth > 0) {
        notes.push(
          `${columns.nOtherWidth} of ${columns.matrix.rows} samples have features of another length than ${columns.matrix.cols}, which do not count`,
        );
      }
    }
    const { isEncoded, isMeasured, ...seen } = this.#images.outcome;
    if (this.#texts.some((text) => text !== null)) {
      const ofTexts = await textViews(inOrder(this.#texts), {
        ...this.#options,
        shelf: this.#shelf,
        contentHashes: this.#mostLength < MOST_TEXT_LENGTH
          ? [] // the rest of the run decides what is read of a text
          : inOrder(this.#contentHashes),
      });
      views.push(...ofTexts.views);
      notes.push(...ofTexts.notes);
      if (this.#nCut > 0) {
        notes.push(
          `${this.#nCut} texts are longer than ${this.#mostLength} characters: their start counts`,
        );
      }
    }
    const images = isEncoded ? columnsOf(inOrder(this.#vectors)) : null;
    if (images) views.push({ name: "image", features: images.matrix });
    const measured = isMeasured
      ? imageColumns(inOrder(this.#imageFacts))
      : null;
    notes.push(...seen.notes);
    this.#options.onProgress?.(1);
    return { views, notes, ...measured };
  }

  /** Frees native memory. */
  async release(): Promise<void> {
    await this.#images.release();
  }

  #keep(text: string | null): void {
    const kept = text && this.#cut(text);
    this.#texts.push(kept);
    this.#characters += kept?.length ?? 0;
    const { mostCharacters = MOST_CHARACTERS } = this.#options;
    while (this.#characters > mostCharacters) {
      this.#mostLength /= 2;
      this.#nCut = 0;
      this.#characters = 0;
      for (const [i, known] of this.#texts.entries()) {
        const shorter = known && this.#cut(known);
        this.#texts[i] = shorter;
        this.#characters += shorter?.length ?? 0;
      }
    }
  }

  /** The start of a text in NFKC, which may be longer than it; as a string of its own: a slice would hold the whole. */
  #cut(text: string): string {
    const normal = text.slice(0, this.#mostLength).normalize("NFKC");
    if (text.length <= this.#mostLength && normal.length <= this.#mostLength) {
      return normal;
    }
    this.#nCut++;
    return new TextDecoder().decode(
      new TextEncoder().encode(normal.slice(0, this.#mostLength)),
    );
  }
}
