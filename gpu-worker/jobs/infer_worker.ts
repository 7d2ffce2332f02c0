/**
 * The thread that makes inputs of samples for a model, and folds what comes out of it. The model itself runs in a process of its own.
 *
 * @module
 */
import { AppError } from "@shared/errors.ts";
import type { ModelRequest } from "@shared/types/model.ts";
import { decodePart } from "../codecs/mod.ts";
import { type Problem, Problems } from "../codecs/problems.ts";
import type { RowTable } from "../codecs/row_table.ts";
import { type SampleContent, sampleContent } from "../codecs/sample_content.ts";
import {
  decodeSignals,
  encodeSignals,
  type RunSignals,
} from "../codecs/signals_file.ts";
import { ModelInputMaker } from "../encoders/model_inputs.ts";
import type { ModelOutput } from "../graphs/model_session.ts";
import type { ModelPlan } from "../models/contract.ts";
import { MOST_WIDTH } from "../models/asked_outputs.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import type { RefusedUrl } from "../store/safe_fetch.ts";
import { EpochEmbeddings } from "./epoch_embeddings.ts";
import {
  FETCHED_AT_ONCE,
  ImageFetcher,
  type ImageFetchSettings,
} from "./fetch_images.ts";
import { serveThread } from "./serve_thread.ts";

/** What the thread begins with. */
export interface InferRequest {
  /** What stage `fold` left, as its file. */
  readonly signals: Uint8Array<ArrayBuffer>;
  readonly spec: Pick<ModelRequest, "input_kind" | "preprocessing">;
  readonly plan: ModelPlan;
  readonly imageFetch?: ImageFetchSettings;
}

/** Samples of one part. */
export interface InferPart {
  readonly partId: string;
  readonly split: number;
  /** Rows that are samples, ascending. */
  readonly rows: Int32Array;
  /** Which of the split's samples each is. */
  readonly places: Int32Array;
}

/** Input of one batch; what was refused in it is noted. */
export interface InferBatch {
  readonly data: Float32Array | string[];
  readonly shape: readonly number[];
}

/** What came of all samples. */
export interface Inferred {
  /** Signals of the model, as a file like that of stage `fold`. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** Whether the model gave embeddings. */
  readonly hasEmbeddings: boolean;
  /** Samples that it was run over. */
  readonly nRun: number;
  /** What is wrong with the others. */
  readonly problems: readonly Problem[];
}

/** What the thread can be asked for: `open`, then for each part `add`, `next` and `take` in turns until `next` gives null, then `finish`. */
export type InferProgram = {
  /** Returns where samples were read, part by part. */
  open(request: InferRequest): InferPart[];
  /** Takes a part. */
  add(
    part: InferPart & {
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly contentType: string;
      readonly contentEncoding: string;
    },
  ): void;
  /** The next batch of the part; null: there is none. At most two are on their way at a time. */
  next(request: null): InferBatch | null;
  /** Takes outputs of the batch that was given first. */
  take(outputs: readonly ModelOutput[]): void;
  /** Ends the epoch. */
  finish(
    options: {
      readonly predictionKind: "in_sample" | "out_of_sample" | null;
      readonly notes: readonly string[];
    },
  ): Inferred;
};

/** Rows of a batch. */
const BATCH = { features: 1024, image: 32, text: 256 } as const;
/** Bytes of a batch's input, beyond one sample. */
const MOST_INPUT_BYTES = 64 * 1_048_576;
/** Probabilities may miss 1 by this. */
const SUM_TOLERANCE = 1e-2;

interface OpenSplit {
  readonly dynamics: TrainingDynamics;
  readonly embeddings: EpochEmbeddings;
}

/** A batch that the model has: its samples, and its rows with those that only fill it up. */
interface GivenBatch {
  readonly split: OpenSplit;
  readonly partId: string;
  readonly rows: readonly number[];
  readonly places: readonly number[];
  readonly nGiven: number;
}

let signals: RunSignals;
let spec: InferRequest["spec"];
let plan: ModelPlan;
let maker: ModelInputMaker;
let fetcher: ImageFetcher;
let splits: OpenSplit[] = [];
let scoresKind: "logits" | "probs" | null = null;
let part: (InferPart & { readonly table: RowTable }) | null = null;
let start = 0;
let given: GivenBatch[] = [];
let nRun = 0;
const problems = new Problems();

serveThread<InferProgram>({
  open(request) {
    ({ spec, plan } = request);
    signals = decodeSignals(request.signals);
    fetcher = new ImageFetcher(request.imageFetch);
    maker = new ModelInputMaker({
      kind: spec.input_kind,
      preprocessing: spec.preprocessing,
      nFeatures: plan.nFeatures,
    });
    scoresKind = plan.scoresKind;
    splits = signals.splits.map(({ dynamics: { labels, nClasses }, keys }) => {
      const dynamics = new TrainingDynamics({ labels, nClasses });
      dynamics.beginEpoch(0);
      return { dynamics, embeddings: new EpochEmbeddings(keys.length) };
    });
    return signals.splits.flatMap(({ source }, split) => {
      const byPart = Map.groupBy(
        source.partOf.keys(),
        (i) => source.partOf[i]!,
      );
      return source.parts.flatMap((partId, position) => {
        const own = byPart.get(position);
        if (!own) return [];
        own.sort((a, b) => source.rowOf[a]! - source.rowOf[b]!);
        return [{
          partId,
          split,
          rows: Int32Array.from(own, (i) => source.rowOf[i]!),
          places: Int32Array.from(own),
        }];
      });
    });
  },

  async add({ bytes, contentType, contentEncoding, ...rest }) {
    const table = await decodePart(bytes, contentType, contentEncoding);
    part = { ...rest, table };
    start = 0;
    given = [];
  },

  async next() {
    const { table, partId, rows, places, split } = part!;
    while (start < rows.length) {
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
      const first = start;
      start += contents.length;
      const images = spec.input_kind === "image"
        ? await imagesOf(contents)
        : contents.map(() => null);
      const made = await maker.batch({
        texts: contents.map((c) => c.text),
        images: images.map((i) => i instanceof Uint8Array ? i : null),
        features: contents.map((c) => c.features),
      });
      for (const { at, column, rule, value } of made.refused) {
        const found = images[at];
        const why = found && !(found instanceof Uint8Array) ? found.rule : rule;
        problems.add(partId, rows[first + at]!, column, why, value);
      }
      const m = made.used.length;
      if (m === 0) continue;
      const nGiven = plan.batch ?? m;
      given.push({
        split: splits[split]!,
        partId,
        rows: made.used.map((at) => rows[first + at]!),
        places: made.used.map((at) => places[first + at]!),
        nGiven,
      });
      if (plan.batch !== null) checkFixedBatch(made.data, m, nGiven);
      const shape = [nGiven, ...made.shape.slice(1)];
      return {
        data: filled(made.data, m, nGiven),
        shape: plan.isColumn ? [nGiven, 1] : shape,
      };
    }
    return null;
  },

  take([scores, embedding]) {
    const batch = given.shift()!;
    const { split, partId, rows, places } = batch;
    const { nClasses } = split.dynamics.state;
    checkShape("scores", plan.scores, scores!, [batch.nGiven, nClasses]);
    const outputs = inRunOrder(scores!.data, rows.length, nClasses);
    scoresKind ??= areProbs(outputs, nClasses) ? "probs" : "logits";
    const isUsable = rows.map((_, i) =>
      isRowUsable(outputs.subarray(i * nClasses, (i + 1) * nClasses))
    );
    const kept = [...rows.keys()].filter((i) => isUsable[i]);
    for (const [i, row] of rows.entries()) {
      if (isUsable[i]) continue;
      problems.add(
        partId,
        row,
        null,
        `the model's output "${plan.scores}" for a sample must be ${
          scoresKind === "logits"
            ? "finite numbers"
            : "probabilities, at least one above 0"
        }`,
      );
    }
    const values = new Float32Array(kept.length * nClasses);
    kept.forEach((i, k) =>
      values.set(
        outputs.subarray(i * nClasses, (i + 1) * nClasses),
        k * nClasses,
      )
    );
    const samples = Int32Array.from(kept, (i) => places[i]!);
    split.dynamics.add(
      samples,
      { data: values, rows: kept.length, cols: nClasses },
      scoresKind,
    );
    nRun += kept.length;
    if (!embedding) return;
    const width = embedding.shape[1] ?? 0;
    const known = splits.find(({ embeddings }) => embeddings.width > 0);
    checkShape("embedding", plan.embedding!, embedding, [
      batch.nGiven,
      known?.embeddings.width ??
        (width > 0 && width <= MOST_WIDTH ? width : `1 to ${MOST_WIDTH}`),
    ]);
    const usable = [...rows.keys()].filter((i) =>
      embedding.data.subarray(i * width, (i + 1) * width).every(Number.isFinite)
    );
    const vectors = new Float32Array(usable.length * width);
    usable.forEach((i, k) =>
      vectors.set(
        embedding.data.subarray(i * width, (i + 1) * width),
        k * width,
      )
    );
    const at = Int32Array.from(usable, (i) => places[i]!);
    split.embeddings.add(at, vectors, width);
  },

  finish({ predictionKind, notes }, { giveAway }) {
    const hasEmbeddings = splits.some(({ embeddings }) => embeddings.width > 0);
    const found = signals.splits.map((split, i) => {
      const { dynamics, embeddings } = splits[i]!;
      dynamics.endEpoch();
      const means = embeddings.means();
      const isOutOfSample = split.split === "training"
        ? predictionKind === "out_of_sample"
        : predictionKind !== "in_sample";
      return {
        ...split,
        isOutOfSample,
        dynamics: dynamics.state,
        ...hasEmbeddings
          ? { embeddings: means?.data ?? null, width: means?.width ?? 0 }
          : {},
      };
    });
    const file = encodeSignals({
      ...signals,
      splits: found,
      problems: [...signals.problems, ...problems.list()],
      notes,
    });
    giveAway(file.buffer);
    return { file, hasEmbeddings, nRun, problems: problems.list() };
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

/** Columns as the run orders its classes, of the first `n` rows. */
function inRunOrder(
  data: Float32Array,
  n: number,
  nClasses: number,
): Float32Array {
  const found = new Float32Array(n * nClasses);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < nClasses; k++) {
      found[i * nClasses + k] = data[i * nClasses + plan.columns[k]!]!;
    }
  }
  return found;
}

/** Whether rows are probabilities, as far as they are finite; of none it cannot be told, and they are not. */
function areProbs(data: Float32Array, nClasses: number): boolean {
  let n = 0;
  for (let i = 0; i < data.length; i += nClasses) {
    const row = data.subarray(i, i + nClasses);
    if (!row.every(Number.isFinite)) continue;
    const sum = row.reduce((a, b) => a + b, 0);
    if (!row.every((p) => p >= 0) || Math.abs(sum - 1) > SUM_TOLERANCE) {
      return false;
    }
    n++;
  }
  return n > 0;
}

function isRowUsable(row: Float32Array): boolean {
  if (scoresKind === "logits") {
    // -Infinity masks a class
    return row.every((v) => v < Infinity) && row.some((v) => v > -Infinity);
  }
  return row.every((p) => p >= 0 && p < Infinity) && row.some((p) => p > 0);
}

function checkShape(
  what: string,
  name: string,
  { shape, data }: ModelOutput,
  expected: readonly (number | string)[],
): void {
  const n = shape.reduce((a, b) => a * b, 1);
  const fits = shape.length === expected.length && n === data.length &&
    shape.every((d, i) => d === expected[i]);
  if (fits) return;
  throw new AppError(
    "unusable_input",
    `Cannot use model as its ${what}, output "${name}", must be (${
      expected.join(", ")
    }) for ${expected[0]} samples: current value is (${shape.join(", ")})`,
  );
}
