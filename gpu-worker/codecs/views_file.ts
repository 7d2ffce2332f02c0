import type { FeatureView } from "../signals/feature_view.ts";
import { decodeArrays, encodeArrays, type StoredArray } from "./array_file.ts";
import type { Problem } from "./problems.ts";

/** What stage `encode` leaves for stage `score`. */
export interface RunViews {
  /** Views over the samples of all splits, one split after the other. */
  readonly views: readonly FeatureView[];
  /** What could not be encoded. */
  readonly problems: readonly Problem[];
  /** Sentences on how the views were made. */
  readonly notes: readonly string[];
}

/** The views as one file. */
export function encodeViews(
  { views, problems, notes }: RunViews,
): Uint8Array<ArrayBuffer> {
  const arrays = Object.fromEntries(
    views.map(({ features }, i) => [String(i), features.data as StoredArray]),
  );
  const shapes = views.map(({ name, features: { rows, cols } }) => ({
    name,
    rows,
    cols,
  }));
  return encodeArrays({ views: shapes, problems, notes }, arrays);
}

/** What {@linkcode encodeViews} made; the arrays are views into the file. */
export function decodeViews(file: Uint8Array<ArrayBuffer>): RunViews {
  const { meta, arrays } = decodeArrays(file);
  const { views, problems, notes } = meta as Omit<RunViews, "views"> & {
    views: { name: string; rows: number; cols: number }[];
  };
  return {
    views: views.map(({ name, rows, cols }, i) => ({
      name,
      features: { data: arrays[String(i)] as Float32Array, rows, cols },
    })),
    problems,
    notes,
  };
}
