/**
 * The thread that encodes what samples hold. It keeps what it was given until it is asked for the views.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import { decodePart } from "../codecs/mod.ts";
import type { RowTable } from "../codecs/row_table.ts";
import { type SampleContent, sampleContent } from "../codecs/sample_content.ts";
import {
  type EncodedViews,
  type EncodeViewsOptions,
  type EncodingKind,
  type Encodings,
  EncodingShelf,
  type TokenTables,
  ViewEncoder,
} from "../encoders/mod.ts";
import type { RefusedUrl } from "../store/safe_fetch.ts";
import {
  FETCHED_AT_ONCE,
  ImageFetcher,
  type ImageFetchSettings,
} from "./fetch_images.ts";
import { serveThread, type ServeTools } from "./serve_thread.ts";

/** Which encoders, how long they may take, and how images are fetched. */
export type EncoderSettings =
  & Pick<
    EncodeViewsOptions,
    "textEncoder" | "imageEncoder" | "encodeBudgetMs" | "device" | "threads"
  >
  & { readonly imageFetch?: ImageFetchSettings };

/** What is to be encoded, beside how. */
export interface EncodeRequest extends EncoderSettings {
  /** What the samples hold. */
  readonly has: { readonly texts: boolean; readonly images: boolean };
  /** Hashes of their contents, hex. */
  readonly contentHashes: readonly string[];
  /** Whether there are outputs to score by: what would take more than the budget is left out, and no URI is followed. */
  readonly isOptional: boolean;
  /** Images logged as bytes. */
  readonly nImages: number;
  /** Token tables that are known, by encoder. */
  readonly tokenTables: TokenTables;
}

/** Rows of a samples part. */
export interface PartRows {
  /** The part as stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Rows that are samples, ascending. */
  readonly rows: Int32Array;
  /** Hash of each row's content, hex, null where it has none, (n). */
  readonly contentHashes: readonly (string | null)[];
}

/** A row whose image cannot be used, and the rule it breaks. */
export interface RefusedImage {
  readonly row: number;
  readonly rule: string;
  /** Where it was to be fetched from, without what may be a signature; undefined: it was logged as bytes. */
  readonly uri?: string;
}

/** Views of all rows, and how they came to be. */
export interface EncodedSamples extends EncodedViews {
  /** Images that were fetched. */
  readonly nFetched: number;
  /** Encodings that were made, here and before. */
  readonly nMade: number;
  /** Encodings to be kept. */
  readonly made: readonly Encodings[];
  /** Token tables, those that were made among them. */
  readonly tokenTables: TokenTables;
}

/** What the thread can be asked for: `open`, then `know` for what is known, then `add` for each part, then `finish`. */
export type EncodeProgram = {
  /** Says how to encode; returns keys of the encoders by what they give, and whether images are worth reading. */
  open(request: EncodeRequest): {
    keys: Partial<Record<EncodingKind, string>>;
    isLookingAtImages: boolean;
  };
  /** Takes what is known; returns how many contents are without an encoding of that kind. */
  know(encodings: Encodings): number;
  /** Takes rows that hold images alone, by their contents' hashes; false if one must be read. */
  addKnown(contentHashes: readonly (string | null)[]): boolean;
  /** Takes rows of a part; returns those of them whose image cannot be had or decoded, and encodings to be kept once there are many. */
  add(part: PartRows): { refused: RefusedImage[]; made: Encodings[] };
  /** Views of all rows, each at its place of `order`: numbers of rows as they were added. */
  finish(order: Int32Array): EncodedSamples;
};

/** Rows that are encoded between two words of progress. */
const BATCH = 64;
/** Encodings that are lost at most with a worker, but for those of one part. */
const MANY = 10_000;

const IMAGE_RULE =
  "an image must be a JPEG, PNG, WebP or GIF file that can be decoded, of at most 2^26 pixels";

let tools: ServeTools | null = null;
let encoder: ViewEncoder | null = null;
let shelf = new EncodingShelf();
let tokenTables: TokenTables = new Map();
let fetcher: ImageFetcher | null = null;
let nTaken = 0;

serveThread<EncodeProgram>({
  async open({ has, contentHashes, imageFetch, ...settings }) {
    fetcher = settings.isOptional ? null : new ImageFetcher(imageFetch);
    shelf = new EncodingShelf(contentHashes);
    tokenTables = new Map(settings.tokenTables);
    encoder = new ViewEncoder({
      ...settings,
      shelf,
      tokenTables,
      onProgress: (fraction) => tools?.onProgress(fraction),
    });
    return {
      keys: await encoder.keys(has),
      isLookingAtImages: has.images && await encoder.isLookingAtImages(),
    };
  },

  know: (encodings) => shelf.know(encodings),

  addKnown: (contentHashes) => encoder!.addKnown(contentHashes),

  async add(
    { bytes, contentType, contentEncoding, rows, contentHashes },
    { onProgress },
  ) {
    const table = await decodePart(bytes, contentType, contentEncoding);
    const refused: RefusedImage[] = [];
    for (let start = 0; start < rows.length;) {
      const contents: SampleContent[] = [];
      let nUris = 0;
      for (const row of rows.subarray(start, start + BATCH)) {
        const content = contentOf(table, row);
        const isFetched = fetcher && typeof content.image === "string";
        if (isFetched && nUris++ >= FETCHED_AT_ONCE) {
          break; // no more files in memory than are fetched at a time
        }
        contents.push(content);
      }
      const images = await imagesOf(contents);
      const batch = rows.subarray(start, start + contents.length);
      const places = await encoder!.add({
        texts: contents.map((c) => c.text),
        images: images.map((i) => i instanceof Uint8Array ? i : null),
        features: contents.map((c) => c.features),
        contentHashes: contents.map(({ image }, i) =>
          typeof image === "string" // what its URI gives may be another another day
            ? null
            : contentHashes[start + i]!
        ),
      });
      const undecoded = new Set(places);
      for (const [i, image] of images.entries()) {
        const found = undecoded.has(i) ? { rule: IMAGE_RULE } : image;
        if (found === null || found instanceof Uint8Array) continue;
        const { image: logged } = contents[i]!;
        refused.push({
          row: batch[i]!,
          rule: found.rule,
          ...typeof logged === "string"
            ? { uri: logged.replace(/[?#].*/s, "") }
            : {},
        });
      }
      start += contents.length;
      onProgress(start / rows.length);
    }
    const isMany = shelf.nMade - nTaken >= MANY;
    if (isMany) nTaken = shelf.nMade;
    return { refused, made: isMany ? shelf.takeMade() : [] };
  },

  async finish(order, ownTools) {
    tools = ownTools;
    const found = await encoder!.finish(order);
    await encoder!.release();
    const made = shelf.takeMade();
    for (const { features } of found.views) {
      ownTools.giveAway(features.data.buffer);
    }
    for (const { values } of made) ownTools.giveAway(values.buffer);
    const { nMade } = shelf;
    const nFetched = fetcher?.nFetched ?? 0;
    return { ...found, nFetched, nMade, made, tokenTables };
  },
});

function contentOf(table: RowTable, row: number): SampleContent {
  const content = sampleContent(table, row);
  if (!("rule" in content)) return content;
  throw new AppError(
    "internal",
    `Cannot read row ${row} again as ${content.rule}`,
  );
}

/** Bytes of each sample's image, fetched where only its URI is known; null where it has none, or none that is fetched. */
async function imagesOf(
  contents: readonly SampleContent[],
): Promise<(Uint8Array | RefusedUrl | null)[]> {
  const images = contents.map(({ image }) => image);
  const uris = images.filter((image) => typeof image === "string");
  const fetched = (await fetcher?.fetch(uris) ?? []).values();
  return images.map((image) =>
    typeof image === "string" ? fetched.next().value ?? null : image
  );
}
