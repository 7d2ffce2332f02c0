/**
 * The thread that encodes what samples hold. It keeps what it was given until it is asked for the views.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import { decodePart } from "../codecs/mod.ts";
import { sampleContent } from "../codecs/sample_content.ts";
import {
  type EncodedViews,
  type EncodeViewsOptions,
  ViewEncoder,
} from "../encoders/mod.ts";
import { serveThread, type ServeTools } from "./serve_thread.ts";

/** Which encoders, and how long they may take. */
export type EncoderSettings = Pick<
  EncodeViewsOptions,
  "textEncoder" | "imageEncoder" | "encodeBudgetMs" | "device" | "threads"
>;

/** Rows of a samples part. */
export interface PartRows {
  /** The part as stored. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** Rows that are samples, ascending. */
  readonly rows: Int32Array;
}

/** What the thread can be asked for: `open`, then `add` for each part, then `finish`. */
export type EncodeProgram = {
  /** Says how to encode. */
  open(settings: EncoderSettings): void;
  /** Takes rows of a part; returns those of them whose image cannot be decoded. */
  add(part: PartRows): number[];
  /** Views of all rows, each at its place of `order`: numbers of rows as they were added. */
  finish(order: Int32Array): EncodedViews;
};

/** Rows that are encoded between two words of progress. */
const BATCH = 64;

let tools: ServeTools | null = null;
let encoder: ViewEncoder | null = null;

serveThread<EncodeProgram>({
  open(settings) {
    encoder = new ViewEncoder({
      ...settings,
      onProgress: (fraction) => tools?.onProgress(fraction),
    });
  },

  async add({ bytes, contentType, contentEncoding, rows }, { onProgress }) {
    const table = await decodePart(bytes, contentType, contentEncoding);
    const bad: number[] = [];
    for (let start = 0; start < rows.length; start += BATCH) {
      const batch = rows.subarray(start, start + BATCH);
      const contents = Array.from(batch, (row) => {
        const content = sampleContent(table, row);
        if (!("rule" in content)) return content;
        throw new AppError(
          "internal",
          `Cannot read row ${row} again as ${content.rule}`,
        );
      });
      const places = await encoder!.add({
        texts: contents.map((c) => c.text),
        images: contents.map(({ image }) =>
          image instanceof Uint8Array ? image : null
        ),
        features: contents.map((c) => c.features),
      });
      bad.push(...places.map((place) => batch[place]!));
      onProgress(Math.min(1, (start + BATCH) / rows.length));
    }
    return bad;
  },

  async finish(order, ownTools) {
    tools = ownTools;
    const found = await encoder!.finish(order);
    await encoder!.release();
    for (const { features } of found.views) {
      ownTools.giveAway(features.data.buffer);
    }
    return found;
  },
});
