/**
 * Small trainings, made from a seed.
 *
 * @module
 */

/** Which rows a training logs. */
export interface Workload {
  /** Same seed, same rows. */
  readonly seed: number;
  /**
   * `outputs`: samples and three epochs of logits with embeddings. `contents`: samples only, scored by what their texts say. `rescored`: the same with
   * features, scored again with verdicts and another threshold, and once more by a stored model.
   */
  readonly kind: "outputs" | "contents" | "rescored";
}

/** Rows as the SDK takes them, cut into the parts that are sent. */
export interface Rows {
  /** Two parts. */
  readonly samples: readonly SampleColumns[];
  /** Two parts for each epoch. */
  readonly epochs: readonly (readonly OutputColumns[])[];
}

interface SampleColumns {
  readonly ids: string[];
  readonly labels: number[];
  readonly texts: string[];
  readonly metadata: { readonly folder: number[] };
  readonly features?: number[][];
}

interface OutputColumns {
  readonly ids: string[];
  /** (ids.length * 3,). */
  readonly logits: Float32Array;
  /** (ids.length * 8,). */
  readonly embeddings: Float32Array;
}

/** Classes of every run. */
export const LABEL_NAMES = ["ham", "spam", "list"];

const N_SAMPLES = 120;
const N_EPOCHS = 3;
const WIDTH = 8;
/** Numbers of a row of features. */
export const N_FEATURES = 4;
const WORDS = [
  ["meeting", "lunch", "draft", "thanks", "budget", "agenda", "review"],
  ["winner", "free", "offer", "click", "prize", "cheap", "urgent"],
  ["digest", "unsubscribe", "patch", "thread", "archive", "reply", "topic"],
];

/** Number of parts of a run. */
export function partsOf({ kind }: Workload): number {
  return kind === "outputs" ? 2 + 2 * N_EPOCHS : 2;
}

/** How often a run is scored. */
export function scoringsOf({ kind }: Workload): number {
  return kind === "rescored" ? 3 : 1;
}

/** Rows in which some labels are wrong and some texts stand twice. */
export function makeRows({ seed, kind }: Workload): Rows {
  const random = mulberry32(seed);
  const truth = Array.from(
    { length: N_SAMPLES },
    () => Math.floor(random() * 3),
  );
  const ids = truth.map((_, i) => `mail-${i}`);
  const labels = truth.map((y) => random() < 0.1 ? (y + 1) % 3 : y);
  const texts = truth.map((y) =>
    Array.from(
      { length: 6 },
      () => WORDS[random() < 0.8 ? y : 0]![Math.floor(random() * 7)],
    ).join(" ")
  );
  for (let i = 19; i < N_SAMPLES; i += 20) texts[i] = texts[i - 1]!;
  const folder = truth.map((_, i) => i % 7);
  const halves = [[0, N_SAMPLES / 2], [N_SAMPLES / 2, N_SAMPLES]] as const;
  const features = kind === "rescored"
    ? truth.map((y) => [...columns([y], N_FEATURES, 1, random)])
    : null;
  const samples = halves.map(([start, end]) => ({
    ids: ids.slice(start, end),
    labels: labels.slice(start, end),
    texts: texts.slice(start, end),
    metadata: { folder: folder.slice(start, end) },
    ...features ? { features: features.slice(start, end) } : {},
  }));
  const epochs = Array.from(
    { length: kind === "outputs" ? N_EPOCHS : 0 },
    (_, epoch) =>
      halves.map(([start, end]) => ({
        ids: ids.slice(start, end),
        logits: columns(truth.slice(start, end), 3, epoch + 1, random),
        embeddings: columns(truth.slice(start, end), WIDTH, 3, random),
      })),
  );
  return { samples, epochs };
}

/** Noise in (rows, width), larger by `height` at each row's class. */
function columns(
  truth: readonly number[],
  width: number,
  height: number,
  random: () => number,
): Float32Array {
  return Float32Array.from(
    { length: truth.length * width },
    (_, i) =>
      random() +
      (i % width === truth[Math.floor(i / width)] ? height : 0),
  );
}

/** Seeded uniform numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
