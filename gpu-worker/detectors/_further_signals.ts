import type { KnnGraph } from "../graphs/knn_graph.ts";
import type { Matrix } from "../kernels/matrix.ts";
import type { Probs } from "../kernels/prob_rows.ts";
import { standardizeColumns } from "../kernels/standardize_columns.ts";
import { topTwo } from "../kernels/top_two.ts";
import { classDistances } from "../signals/class_distances.ts";
import type { ContentFact } from "../signals/content_facts.ts";
import { outlierness } from "../signals/outlierness.ts";
import { viewPoints } from "./_seen_points.ts";
import type { Signals } from "./detector.ts";
import type { ScoreOptions, SplitInputs } from "./score_types.ts";

/** Views that say how far samples lie from each other, the first that there is. */
const VIEWS = ["image", "columns", "sentence", "tokens", "tfidf"];
/** With fewer columns nearly all points have the same few directions. */
const LEAST_DIRECTIONS = 4;
/** One column is told by its values. */
const LEAST_COLUMNS = 2;

/** What they are made from. */
export interface FurtherInputs {
  /** Embeddings of all splits; null without. */
  readonly embeddings: Matrix | null;
  /** Class probabilities, of the model or of the probe in its place, (n, n_classes). */
  readonly probs: Probs;
  /** Cosine neighbours; null without. */
  readonly neighbours: KnnGraph | null;
}

/** Signals that do not depend on given labels: predictions, distances, facts about contents. */
export async function furtherSignals(
  splits: readonly SplitInputs[],
  { embeddings, probs, neighbours }: FurtherInputs,
  { device, threads, signal }: ScoreOptions,
): Promise<Pick<Signals, "predictions" | "outliers" | "facts">> {
  const predictions = topTwo(probs);
  const { points, isTable } = embeddings
    ? { points: embeddings, isTable: false }
    : pointsOfViews(splits, probs.rows);
  const facts = concatFacts(splits);
  if (!points || points.cols < LEAST_COLUMNS) {
    return { predictions, outliers: null, facts };
  }
  const distances = await classDistances(points, predictions.first, {
    ...(device && { device }),
    ...(threads && { threads }),
    ...(signal && { signal }),
  });
  const hasDirections = points.cols >= LEAST_DIRECTIONS;
  if (!hasDirections) distances.direction.fill(NaN);
  return {
    predictions,
    outliers: {
      ...outlierness(distances, hasDirections ? neighbours : null),
      points,
      isTable,
    },
    facts,
  };
}

function pointsOfViews(
  splits: readonly SplitInputs[],
  nSamples: number,
): { points: Matrix | null; isTable: boolean } {
  for (const name of VIEWS) {
    const points = viewPoints(splits, name, nSamples);
    if (!points) continue;
    const isTable = name === "columns"; // its columns have units of their own
    return { points: isTable ? standardizeColumns(points) : points, isTable };
  }
  return { points: null, isTable: false };
}

function concatFacts(splits: readonly SplitInputs[]): Signals["facts"] {
  const n = splits.reduce((sum, { dynamics }) => sum + dynamics.nSamples, 0);
  const all: Partial<Record<ContentFact, Float32Array>> = {};
  let start = 0;
  for (const { facts = {}, dynamics } of splits) {
    for (const [name, values] of Object.entries(facts)) {
      const own = all[name as ContentFact] ??= new Float32Array(n).fill(NaN);
      own.set(values, start);
    }
    start += dynamics.nSamples;
  }
  return all;
}
