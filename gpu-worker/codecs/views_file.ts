import type { ContentFacts } from "../signals/content_facts.ts";
import type { FeatureView } from "../signals/feature_view.ts";
import { decodeArrays, encodeArrays, type StoredArray } from "./array_file.ts";
import type { Problem } from "./problems.ts";

/** Names of facts among the arrays start with it. */
const FACT = "fact.";

/** What stage `encode` leaves for stage `score`. */
export interface RunViews {
  /** Views over the samples of all splits, one split after the other. */
  readonly views: readonly FeatureView[];
  /** What was measured of contents, over the samples of all splits; absent where nothing was. */
  readonly facts?: ContentFacts;
  /** Perceptual hashes of images, as `SplitInputs` has them, over the samples of all splits; absent where no image was looked at. */
  readonly imageHashes?: Uint32Array<ArrayBuffer>;
  /** What could not be encoded. */
  readonly problems: readonly Problem[];
  /** Sentences on how the views were made. */
  readonly notes: readonly string[];
}

/** The views as one file. */
export function encodeViews(
  { views, facts = {}, imageHashes, problems, notes }: RunViews,
): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, StoredArray> = {};
  const shapes = views.map(({ name, features: { data, rows, cols } }, i) => {
    arrays[i] = data as StoredArray;
    return { name, rows, cols };
  });
  for (const [name, values] of Object.entries(facts)) {
    arrays[`${FACT}${name}`] = values as StoredArray;
  }
  if (imageHashes) arrays.imageHashes = imageHashes;
  return encodeArrays({ views: shapes, problems, notes }, arrays);
}

/** What {@linkcode encodeViews} made; the arrays are views into the file. */
export function decodeViews(file: Uint8Array<ArrayBuffer>): RunViews {
  const { meta, arrays } = decodeArrays(file);
  const { views, problems, notes } = meta as Omit<RunViews, "views"> & {
    views: { name: string; rows: number; cols: number }[];
  };
  const facts = Object.entries(arrays).filter(([name]) => name.startsWith(FACT))
    .map(([name, values]) => [name.slice(FACT.length), values] as const);
  const imageHashes = arrays.imageHashes as
    | Uint32Array<ArrayBuffer>
    | undefined;
  return {
    views: views.map(({ name, rows, cols }, i) => ({
      name,
      features: { data: arrays[String(i)] as Float32Array, rows, cols },
    })),
    ...facts.length > 0 ? { facts: Object.fromEntries(facts) } : {},
    ...imageHashes ? { imageHashes } : {},
    problems,
    notes,
  };
}
