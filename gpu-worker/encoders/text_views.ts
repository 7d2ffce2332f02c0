import type { Device } from "../graphs/session.ts";
import type { Matrix } from "../kernels/matrix.ts";
import type { FeatureView } from "../signals/feature_view.ts";
import { encoderKey } from "./encoder_key.ts";
import { EncodingShelf } from "./encoding_shelf.ts";
import { DEFAULT_MODELS, readModel, vocabularyOf } from "./model_file.ts";
import {
  MOST_TOKENS,
  openTextEncoder,
  type TextEncoderSession,
} from "./text_encoder.ts";
import { tfidf } from "./tfidf.ts";
import { tokenMeans, tokenTable } from "./token_table.ts";
import { truncatedSvd } from "./truncated_svd.ts";
import { UnigramTokenizer } from "./unigram_tokenizer.ts";

/** Tables of `tokenTable`, by the key of their encoder. */
export type TokenTables = Map<string, Matrix>;

/** How texts are encoded. */
export interface TextViewOptions {
  /** Path or https URL of a sentence encoder; default: the one of this repository. */
  readonly textEncoder?: string;
  /**
   * What the whole encoder may take for all texts, in ms of a nominal machine; default 20,000; 0: never the whole encoder, and no bound on what is
   * cheaper. Nominal, as the same texts must give the same views on a busy machine, and when a task is done again.
   */
  readonly encodeBudgetMs?: number;
  /** Whether there are other means to score by: texts are then not looked at where even TF-IDF would take more than the budget; default false. */
  readonly isOptional?: boolean;
  /** Hash of the content each text is of, null where it cannot be told again, (n,); default: none can. */
  readonly contentHashes?: readonly (string | null)[];
  /** Where encodings are looked for, and put. */
  readonly shelf?: EncodingShelf;
  /** Token tables that are known, by encoder; one that is made is added. */
  readonly tokenTables?: TokenTables;
  /** Reads models; default `readModel`. */
  readonly readModel?: typeof readModel;
  /** Default `cpu`. */
  readonly device?: Device;
  /** CPU threads; default 2. */
  readonly threads?: number;
  /** Called with the share done, in (0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  /** Ends the work between two steps. */
  readonly signal?: AbortSignal;
}

/** What encoding may take where nothing is said, in ms of a nominal machine. */
export const ENCODE_BUDGET_MS = 20_000;
/** Two cores take this long for a token and a megabyte of the model: 16 ms for 128 tokens of the 7 MB one, measured. */
const MS_PER_TOKEN_MB = 0.0176;
/** Two cores take this long for TF-IDF, its SVD and the means of tokens, for a text and for each of its characters: measured. */
const CHEAP_MS_PER_TEXT = 0.04;
const CHEAP_MS_PER_CHARACTER = 3e-4;
/** A GPU is at least this many times faster. */
const GPU_SPEEDUP = 10;
/** Shares of the work: TF-IDF and its SVD, then the meaning. */
const REDUCED = 0.4;

/**
 * Two views of texts: `tfidf` (words and pairs of words, reduced by a truncated SVD) and what a sentence encoder says, `sentence`: or `tokens`, means of
 * its token table, where encoding every text would cost more than the budget.
 *
 * @param texts Texts, null without, (n,).
 * @param options Encoder, budget, device.
 * @returns The views, none where no text has a word; and in words what was chosen.
 */
export async function textViews(
  texts: readonly (string | null)[],
  options: TextViewOptions = {},
): Promise<{ views: FeatureView[]; notes: string[] }> {
  const {
    onProgress = () => {},
    signal,
    encodeBudgetMs = ENCODE_BUDGET_MS,
    isOptional = false,
  } = options;
  const cheapMs = cheapNominalMs(texts);
  if (isOptional && encodeBudgetMs > 0 && cheapMs > encodeBudgetMs) {
    return {
      views: [],
      notes: [
        `Texts were not looked at: that would take about ${
          seconds(cheapMs)
        } s, and may take ${seconds(encodeBudgetMs)} s (ASSAY_ENCODE_BUDGET_S)`,
      ],
    };
  }
  const views: FeatureView[] = [];
  const weighted = tfidf(texts);
  const { projected } = truncatedSvd(weighted, {
    onPass(fraction) {
      signal?.throwIfAborted();
      onProgress(REDUCED * fraction);
    },
  });
  if (projected.cols > 0) {
    for (let row = 0; row < texts.length; row++) {
      if (weighted.starts[row] === weighted.starts[row + 1]) {
        projected.data.fill(
          NaN,
          row * projected.cols,
          (row + 1) * projected.cols,
        );
      }
    }
    views.push({ name: "tfidf", features: projected });
  }
  const { view, note } = await meaning(texts, {
    ...options,
    onProgress: (fraction) => onProgress(REDUCED + (1 - REDUCED) * fraction),
  });
  if (view) views.push(view);
  return { views, notes: note === null ? [] : [note] };
}

/** Key of the sentence encoder. */
export async function textEncoderKey(
  { textEncoder = DEFAULT_MODELS.text, readModel: read = readModel, signal }:
    TextViewOptions,
): Promise<string> {
  const model = await read(textEncoder, signal);
  return await encoderKey(
    "sentence",
    model,
    await read(vocabularyOf(textEncoder), signal),
  );
}

async function meaning(
  texts: readonly (string | null)[],
  options: TextViewOptions,
): Promise<{ view: FeatureView | null; note: string | null }> {
  const {
    textEncoder = DEFAULT_MODELS.text,
    encodeBudgetMs = ENCODE_BUDGET_MS,
    device = "cpu",
    threads = 2,
    signal,
    readModel: read = readModel,
  } = options;
  const vocabulary = await read(vocabularyOf(textEncoder), signal);
  const tokenizer = new UnigramTokenizer(
    JSON.parse(new TextDecoder().decode(vocabulary)),
  );
  const tokens = texts.map((text) => tokenizer.encode(text ?? ""));
  if (tokens.every((ids) => ids.length === 0)) {
    return { view: null, note: null };
  }
  const model = await read(textEncoder, signal);
  const expectedMs = nominalMs(tokens, model.length, device);
  let encoder: TextEncoderSession | undefined;
  const open = async () =>
    encoder ??= await openTextEncoder(model, { device, threads });
  try {
    if (encodeBudgetMs > 0 && expectedMs <= encodeBudgetMs) {
      return {
        view: {
          name: "sentence",
          features: await sentences(tokens, open, options),
        },
        note:
          `The sentence encoder read the first ${MOST_TOKENS} tokens of every text`,
      };
    }
    const { tokenTables = new Map<string, Matrix>() } = options;
    const key = await encoderKey("tokens", model, vocabulary);
    const known = tokenTables.get(key);
    const table = known ?? await tokenTable(await open(), tokenizer, options);
    tokenTables.set(key, table);
    if (known) options.onProgress?.(1);
    const reason = encodeBudgetMs > 0
      ? `: the sentence encoder would take about ${
        seconds(expectedMs)
      } s for all of them, and may take ${
        seconds(encodeBudgetMs)
      } s (ASSAY_ENCODE_BUDGET_S)`
      : "";
    return {
      view: { name: "tokens", features: tokenMeans(table, tokens) },
      note: `Texts are weighted means of their tokens${reason}`,
    };
  } finally {
    await encoder?.release();
  }
}

/** What the encoder says of each text; asked of those alone that are not known. */
async function sentences(
  tokens: readonly Int32Array[],
  open: () => Promise<TextEncoderSession>,
  {
    contentHashes = [],
    shelf = new EncodingShelf(),
    ...options
  }: TextViewOptions,
): Promise<Matrix> {
  const rows = [...tokens.keys()].filter((i) => tokens[i]!.length > 0);
  const known = rows.map((i) =>
    shelf.get("sentence", contentHashes[i] ?? null)
  );
  const missing = rows.filter((_, at) => known[at] === undefined);
  const made = missing.length === 0
    ? null
    : await (await open()).encode(missing.map((i) => tokens[i]!), options);
  if (!made) options.onProgress?.(1);
  const cols = made?.cols ?? known[0]!.length;
  const data = new Float32Array(tokens.length * cols).fill(NaN);
  rows.forEach((i, at) => {
    const row = known[at];
    if (row) data.set(row, i * cols);
  });
  missing.forEach((i, at) => {
    const row = made!.data.slice(at * cols, (at + 1) * cols);
    data.set(row, i * cols);
    shelf.put("sentence", contentHashes[i] ?? null, row);
  });
  return { data, rows: tokens.length, cols };
}

/** What the cheapest views of all texts take on a nominal machine, in ms. */
function cheapNominalMs(texts: readonly (string | null)[]): number {
  return texts.reduce(
    (sum, text) =>
      text === null
        ? sum
        : sum + CHEAP_MS_PER_TEXT + CHEAP_MS_PER_CHARACTER * text.length,
    0,
  );
}

/** What encoding all texts takes on a nominal machine, in ms. */
function nominalMs(
  tokens: readonly Int32Array[],
  modelBytes: number,
  device: Device,
): number {
  const count = tokens.reduce(
    (sum, ids) => sum + Math.min(ids.length, MOST_TOKENS),
    0,
  );
  const ms = MS_PER_TOKEN_MB * count * modelBytes / 1e6;
  return device === "cpu" ? ms : ms / GPU_SPEEDUP;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
