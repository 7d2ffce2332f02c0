/**
 * The thread that makes inputs of samples for a model, collects what comes out of it in blocks, and folds them when all are there. The model itself
 * runs in a process of its own.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import type { ModelRequest } from "@shared/types/model.ts";
import { decodeBlock, encodeBlock } from "../codecs/inferred_file.ts";
import { decodePart } from "../codecs/mod.ts";
import type { RowTable } from "../codecs/row_table.ts";
import { type SampleContent, sampleContent } from "../codecs/sample_content.ts";
import { decodeSignals, type RunSignals } from "../codecs/signals_file.ts";
import { ModelInputMaker } from "../encoders/model_inputs.ts";
import type { ModelOutput } from "../graphs/model_session.ts";
import type { ModelPlan } from "../models/contract.ts";
import { MOST_WIDTH } from "../models/asked_outputs.ts";
import type { RefusedUrl } from "../store/safe_fetch.ts";
import {
  FETCHED_AT_ONCE,
  ImageFetcher,
  type ImageFetchSettings,
} from "./fetch_images.ts";
import { BlockBuilder, type InferredBatch } from "./infer_block.ts";
import type { InferState } from "./infer_blocks.ts";
import {
  type InferPart,
  inferParts,
  type Inferred,
  InferredFold,
  type InferredOptions,
} from "./infer_fold.ts";
import { checkShape, inRunOrder } from "./infer_outputs.ts";
import { serveThread } from "./serve_thread.ts";

/** What of the samples that are done the thread must know. */
export type ThreadState = Omit<InferState, "left_out">;

/** What the thread begins with. */
export interface InferRequest {
  /** What stage `fold` left, as its file. */
  readonly signals: Uint8Array<ArrayBuffer>;
  readonly spec: Pick<ModelRequest, "input_kind" | "preprocessing">;
  readonly plan: ModelPlan;
  readonly imageFetch?: ImageFetchSettings;
  /** Samples that are done, and what is known of them. */
  readonly nDone: number;
  readonly state: ThreadState;
}

/** Input of one batch; what was refused in it is noted. */
export interface InferBatch {
  readonly data: Float32Array | string[];
  readonly shape: readonly number[];
}

/** A batch; or `refused`: all of it was, and there is nothing to run. */
export type NextBatch = InferBatch | "refused";

/**
 * What the thread can be asked for: `open`; then for each part `add`, `next` and `take` in turns until `next` gives null, and `block` whenever what was
 * taken is worth keeping; then `fold` for each block, and `finish`.
 */
export type InferProgram = {
  /** Returns where samples were read, part by part. */
  open(request: InferRequest): InferPart[];
  /** Takes a part. */
  add(
    part: InferPart & {
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly contentType: string;
      readonly contentEncoding: string;
      /** Place of its first sample among all. */
      readonly first: number;
      /** Samples of it that are done. */
      readonly nDone: number;
    },
  ): void;
  /** The next batch of the part; null: there is none. At most two are on their way at a time. */
  next(request: null): NextBatch | null;
  /**
   * Takes outputs of the batch that was given first, none of one that was refused; returns the place after its last sample, and how many numbers were
   * taken since the last block.
   */
  take(
    outputs: readonly ModelOutput[],
  ): { readonly to: number; readonly nNumbers: number };
  /** What was taken since the last block, as a file; `to`: place after its last sample. */
  block(
    request: null,
  ): {
    readonly file: Uint8Array<ArrayBuffer>;
    readonly to: number;
    readonly state: ThreadState;
  };
  /** Takes a block, in order; false if it is damaged, or another's. */
  fold(
    block: {
      readonly file: Uint8Array<ArrayBuffer>;
      readonly from: number;
      readonly to: number;
    },
  ): boolean;
  /** Ends the epoch. */
  finish(options: InferredOptions): Inferred;
};

/** Rows of a batch. */
export const BATCH = { features: 1024, image: 32, text: 256 } as const;
/** Bytes of a batch's input, beyond one sample. */
export const MOST_INPUT_BYTES = 64 * 1_048_576;

/** A batch that the model has: its samples, and how many rows it was given with those that only fill it up. */
interface GivenBatch extends Pick<InferredBatch, "to" | "places" | "refused"> {
  readonly nGiven: number;
  /** Milliseconds spent on fetching images up to it. */
  readonly fetchedMs: number;
}

let signals: RunSignals;
let spec: InferRequest["spec"];
let plan: ModelPlan;
let maker: ModelInputMaker;
let fetcher: ImageFetcher;
let parts: InferPart[] = [];
let builder: BlockBuilder;
let folding: InferredFold | null = null;
let part: (InferPart & { readonly table: RowTable; first: number }) | null =
  null;
let start = 0;
let given: GivenBatch[] = [];
/** Milliseconds spent on fetching images of what was taken: those of a batch that was only given are fetched again, if this attempt ends before. */
let fetchedMs = 0;
let nFeatures: number | null = null;
let width = 0;

serveThread<InferProgram>({
  open(request) {
    ({ spec, plan } = request);
    signals = decodeSignals(request.signals);
    const { n_features, fetched_ms } = request.state;
    nFeatures = plan.nFeatures ?? n_features;
    width = request.state.width;
    fetchedMs = fetched_ms;
    fetcher = new ImageFetcher({ ...request.imageFetch, spentMs: fetched_ms });
    maker = new ModelInputMaker({
      kind: spec.input_kind,
      preprocessing: spec.preprocessing,
      nFeatures,
    });
    builder = new BlockBuilder(request.nDone, plan.columns.length);
    parts = inferParts(signals);
    return parts;
  },

  async add({ bytes, contentType, contentEncoding, nDone, ...rest }) {
    const table = await decodePart(bytes, contentType, contentEncoding);
    part = { ...rest, table };
    start = nDone;
    given = [];
  },

  async next() {
    const { table, partId, rows, first: firstPlace } = part!;
    if (start === rows.length) return null;
    const contents: SampleContent[] = [];
    const most = plan.batch ?? BATCH[spec.input_kind];
    let [nUris, nBytes] = [0, 0];
    for (const row of rows.subarray(start, start + most)) {
      const content = contentOf(table, row);
      const isFetched = spec.input_kind === "image" &&
        typeof content.image === "string";
      if (isFetched && nUris++ >= FETCHED_AT_ONCE) break;
      nBytes += inputBytes(content);
      if (nBytes > MOST_INPUT_BYTES && contents.length > 0) break;
      contents.push(content);
    }
    const first = firstPlace + start;
    start += contents.length;
    const images = spec.input_kind === "image"
      ? await imagesOf(contents)
      : contents.map(() => null);
    const made = await maker.batch({
      texts: contents.map((c) => c.text),
      images: images.map((i) => i instanceof Uint8Array ? i : null),
      features: contents.map((c) => c.features),
    });
    const refused = made.refused.map(({ at, column, rule, value }) => {
      const found = images[at];
      const why = found && !(found instanceof Uint8Array) ? found.rule : rule;
      return {
        part: partId,
        at: first + at,
        column,
        rule: why,
        ...value === undefined ? {} : { value },
        nRows: 1,
      };
    });
    const m = made.used.length;
    const nGiven = m === 0 ? 0 : plan.batch ?? m;
    given.push({
      to: firstPlace + start,
      places: made.used.map((at) => first + at),
      nGiven,
      fetchedMs: fetcher.spentMs,
      refused,
    });
    if (m === 0) return "refused";
    if (spec.input_kind === "features") nFeatures = made.shape[1]!;
    if (plan.batch !== null) checkFixedBatch(made.data, m, nGiven);
    const shape = [nGiven, ...made.shape.slice(1)];
    return {
      data: filled(made.data, m, nGiven),
      shape: plan.isColumn ? [nGiven, 1] : shape,
    };
  },

  take([scores, embedding]) {
    const { nGiven, fetchedMs: spentMs, ...batch } = given.shift()!;
    fetchedMs = spentMs;
    const m = batch.places.length;
    if (m === 0) {
      const scores = new Float32Array();
      return builder.add({ ...batch, scores, embeddings: null });
    }
    checkShape("scores", plan.scores, scores!, [nGiven, plan.columns.length]);
    if (embedding) {
      const found = embedding.shape[1] ?? 0;
      const isAllowed = found > 0 && found <= MOST_WIDTH;
      checkShape("embedding", plan.embedding!, embedding, [
        nGiven,
        width || (isAllowed ? found : `1 to ${MOST_WIDTH}`),
      ]);
      width = found;
    }
    return builder.add({
      ...batch,
      scores: inRunOrder(scores!.data, m, plan.columns),
      embeddings: embedding?.data.slice(0, m * width) ?? null,
    });
  },

  block(_, { giveAway }) {
    const block = builder.take();
    const file = encodeBlock(block);
    giveAway(file.buffer);
    return {
      file,
      to: block.to,
      state: { n_features: nFeatures, width, fetched_ms: fetchedMs },
    };
  },

  fold({ file, from, to }) {
    folding ??= new InferredFold(signals, plan, parts);
    try {
      return folding.add(decodeBlock(file), from, to);
    } catch (error) {
      if (error instanceof RangeError || error instanceof SyntaxError) {
        return false; // damaged
      }
      throw error;
    }
  },

  finish(options, { giveAway }) {
    folding ??= new InferredFold(signals, plan, parts);
    const inferred = folding.finish(options);
    giveAway(inferred.file.buffer);
    return inferred;
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

/** Most bytes that a sample is as input. */
function inputBytes({ text, features }: SampleContent): number {
  if (spec.input_kind === "text") return (text?.length ?? 0) * 3; // UTF-8
  if (spec.input_kind === "features") return (features?.length ?? 0) * 4;
  return spec.preprocessing!.width * spec.preprocessing!.height * 3 * 4;
}

/** A model that takes a fixed number of samples is given as many, however few there are. */
function checkFixedBatch(
  data: Float32Array | readonly string[],
  m: number,
  n: number,
): void {
  const bytes = Array.isArray(data)
    ? data.reduce((sum, text) => sum + text.length * 3, 0) +
      (n - m) * data[m - 1]!.length * 3
    : (data as Float32Array).byteLength / m * n;
  if (bytes <= MOST_INPUT_BYTES) return;
  throw new AppError(
    "unusable_input",
    `Cannot use model as the ${n} samples that it takes at once must have at most ${
      MOST_INPUT_BYTES / 1_048_576
    } MB as input: current value is ${Math.ceil(bytes / 1_048_576)} MB`,
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

/** Inputs of m rows as n, the last of them again and again. */
function filled(
  data: Float32Array | string[],
  m: number,
  n: number,
): Float32Array | string[] {
  if (m === n) return data;
  if (Array.isArray(data)) {
    return Array.from({ length: n }, (_, i) => data[Math.min(i, m - 1)]!);
  }
  const size = data.length / m;
  const all = new Float32Array(n * size);
  all.set(data);
  for (let i = m; i < n; i++) all.set(data.subarray((m - 1) * size), i * size);
  return all;
}
