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

/** Rows of a samples part. */
export interface PartRows {
  /** The part as stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Rows that are samples, ascending. */
  readonly rows: Int32Array;
}

/** A row whose image cannot be used, and the rule it breaks. */
export interface RefusedImage {
  readonly row: number;
  readonly rule: string;
  /** Where it was to be fetched from, without what may be a signature; undefined: it was logged as bytes. */
  readonly uri?: string;
}

/** Views of all rows, and how many of their images were fetched. */
export interface EncodedSamples extends EncodedViews {
  readonly nFetched: number;
}

/** What the thread can be asked for: `open`, then `add` for each part, then `finish`. */
export type EncodeProgram = {
  /** Says how to encode. */
  open(settings: EncoderSettings): void;
  /** Takes rows of a part; returns those of them whose image cannot be had or decoded. */
  add(part: PartRows): RefusedImage[];
  /** Views of all rows, each at its place of `order`: numbers of rows as they were added. */
  finish(order: Int32Array): EncodedSamples;
};

/** Rows that are encoded between two words of progress. */
const BATCH = 64;

const IMAGE_RULE =
  "an image must be a JPEG, PNG, WebP or GIF file that can be decoded, of at most 2^26 pixels";

let tools: ServeTools | null = null;
let encoder: ViewEncoder | null = null;
let fetcher = new ImageFetcher();

serveThread<EncodeProgram>({
  open({ imageFetch, ...settings }) {
    fetcher = new ImageFetcher(imageFetch);
    encoder = new ViewEncoder({
      ...settings,
      onProgress: (fraction) => tools?.onProgress(fraction),
    });
  },

  async add({ bytes, contentType, contentEncoding, rows }, { onProgress }) {
    const table = await decodePart(bytes, contentType, contentEncoding);
    const refused: RefusedImage[] = [];
    for (let start = 0; start < rows.length;) {
      const contents: SampleContent[] = [];
      let nUris = 0;
      for (const row of rows.subarray(start, start + BATCH)) {
        const content = contentOf(table, row);
        if (typeof content.image === "string" && nUris++ >= FETCHED_AT_ONCE) {
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
    return refused;
  },

  async finish(order, ownTools) {
    tools = ownTools;
    const found = await encoder!.finish(order);
    await encoder!.release();
    for (const { features } of found.views) {
      ownTools.giveAway(features.data.buffer);
    }
    return { ...found, nFetched: fetcher.nFetched };
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

/** Bytes of each sample's image, fetched where only its URI is known; null where it has none. */
async function imagesOf(
  contents: readonly SampleContent[],
): Promise<(Uint8Array | RefusedUrl | null)[]> {
  const images = contents.map(({ image }) => image);
  const uris = images.filter((image) => typeof image === "string");
  const fetched = (await fetcher.fetch(uris)).values();
  return images.map((image) =>
    typeof image === "string" ? fetched.next().value! : image
  );
}
