import type {
  ClassRepresentation,
  RepresentationReport,
} from "@shared/types/report.ts";
import type { KnnGraph } from "../graphs/knn_graph.ts";
import { classSeparations } from "../kernels/class_separations.ts";
import { effectiveRank } from "../kernels/effective_rank.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { rowArgmax } from "../kernels/row_argmax.ts";
import { silhouettes } from "../kernels/silhouettes.ts";
import {
  forLeftOutScores,
  leaveOneOutRidge,
  type RidgeOptions,
} from "../signals/leave_one_out_ridge.ts";

/** Points that a silhouette is taken of: its cost is their square. */
const MOST_SILHOUETTES = 1000;
/** Points that a probe is taken of. */
const MOST_PROBED = 5000;
/** Points that a rank is taken of, beside the width of the space. */
const MOST_RANKED = 1000;
/** Of each class at least so many points are looked at, as far as it has them: one alone tells nothing. */
const LEAST_OF_CLASS = 5;
/** Longer points are left out as unknown ones are: in float32 the sum of their squares over a block of rows is infinite. */
const LONGEST = 1e17;
/** Wider spaces have no rank and no probe: both cost the cube of the width. */
const MOST_COLUMNS = 1024;

/** A space, and who stands where in it. */
export interface RepresentationInputs {
  /** Which space. */
  readonly source: RepresentationReport["source"];
  /** Rows of all splits, NaN rows where unknown, (n, width). */
  readonly points: Matrix;
  /** Cosine neighbours in it. */
  readonly neighbours: KnnGraph;
  /** Labels as they stand, -1 where unlabelled, (n,). */
  readonly labels: Int32Array;
  /** Class names. */
  readonly labelNames: readonly string[];
}

/**
 * What a space tells apart, as a whole and class by class.
 *
 * Purity and separability count every labelled point, the probe 5,000, the rank 1,000 and one for each column, silhouettes 1,000: every so many-th of each
 * class, and five of each at least. A class with a single point has neither silhouette nor probe, and points longer than 1e17 count in neither, nor in the rank. The probe is a leave-one-out ridge regression on the points as they are. Null where fewer than two classes have points.
 */
export async function representationReport(
  { source, points, neighbours, labels, labelNames }: RepresentationInputs,
  options: RidgeOptions = {},
): Promise<RepresentationReport | null> {
  const { data, cols } = points;
  const K = labelNames.length;
  const known = Int32Array.from(labels.keys()).filter((i) => {
    if (labels[i]! < 0) return false;
    let square = 0;
    for (let j = i * cols; j < (i + 1) * cols; j++) square += data[j]! ** 2;
    return square <= LONGEST ** 2; // NaN fails
  });
  if (new Set(known.values().map((i) => labels[i]!)).size < 2) return null;

  const purity = groupMeans(purities(neighbours, labels), labels, K);
  const separations = classSeparations(points, labels, K);
  const few = evenly(known, labels, K, MOST_SILHOUETTES);
  const fewLabels = pick(labels, few);
  options.signal?.throwIfAborted();
  const silhouette = groupMeans(
    withCompany(silhouettes(rowsOf(points, few), fewLabels, K), fewLabels, K),
    fewLabels,
    K,
  );
  const some = evenly(known, labels, K, MOST_PROBED);
  const sample = rowsOf(points, some);
  const someLabels = pick(labels, some);
  const isNarrow = cols <= MOST_COLUMNS;
  const right = groupMeans(
    isNarrow
      ? withCompany(
        await probed(sample, someLabels, K, options),
        someLabels,
        K,
      )
      : new Float64Array(some.length).fill(NaN),
    someLabels,
    K,
  );
  options.signal?.throwIfAborted();
  const ranked = evenly(known, labels, K, MOST_RANKED + cols);
  return {
    source,
    width: cols,
    effective_rank: isNarrow
      ? orNull(effectiveRank(rowsOf(points, ranked)))
      : null,
    silhouette: orNull(silhouette.all),
    neighbour_purity: orNull(purity.all),
    probe_accuracy: orNull(right.all),
    classes: labelNames.map((label, k): ClassRepresentation => ({
      label,
      neighbour_purity: orNull(purity.of[k]!),
      silhouette: orNull(silhouette.of[k]!),
      probe_accuracy: orNull(right.of[k]!),
      separability: orNull(separations[k]!.ratio),
      nearest_label: labelNames[separations[k]!.nearest] ?? null,
    })),
  };
}

/** 1 where a regression that left the point out tells its label right, else 0. */
async function probed(
  features: Matrix,
  labels: Int32Array,
  nClasses: number,
  options: RidgeOptions,
): Promise<Float64Array> {
  const inputs = { features, map: null, labels, nClasses };
  const fit = await leaveOneOutRidge(inputs, options);
  const right = new Float64Array(labels.length);
  await forLeftOutScores(inputs, fit, (row, scores) => {
    right[row] = rowArgmax(scores, 0, nClasses) === labels[row] ? 1 : 0;
  }, options);
  return right;
}

/** Share of labelled neighbours with a point's own label; NaN without a label or neighbour. */
function purities(
  { neighbours, k }: KnnGraph,
  labels: Int32Array,
): Float64Array {
  return Float64Array.from(labels, (y, i) => {
    if (y < 0) return NaN;
    let [same, all] = [0, 0];
    for (let place = i * k; place < (i + 1) * k; place++) {
      const other = neighbours[place]!;
      if (other < 0 || labels[other]! < 0) continue;
      all++;
      if (labels[other] === y) same++;
    }
    return same / all;
  });
}

/** Means over groups and over all, of what is known; NaN of none. */
function groupMeans(
  values: Float64Array,
  groups: Int32Array,
  nGroups: number,
): { all: number; of: Float64Array } {
  const sums = new Float64Array(nGroups);
  const counts = new Float64Array(nGroups);
  values.forEach((x, i) => {
    if (groups[i]! < 0 || Number.isNaN(x)) return;
    sums[groups[i]!]! += x;
    counts[groups[i]!]!++;
  });
  const total = (v: Float64Array) => v.reduce((a, b) => a + b, 0);
  return {
    all: total(sums) / total(counts),
    of: sums.map((sum, g) => sum / counts[g]!),
  };
}

/** Values of points whose class has others; NaN for those alone. */
function withCompany(
  values: Float64Array,
  labels: Int32Array,
  nClasses: number,
): Float64Array {
  const counts = new Int32Array(nClasses);
  for (const label of labels) counts[label]!++;
  return values.map((x, i) => counts[labels[i]!]! > 1 ? x : NaN);
}

/** Some of the rows, about the same share of every class and five at least; ascending. */
function evenly(
  rows: Int32Array,
  labels: Int32Array,
  nClasses: number,
  most: number,
): Int32Array {
  const step = Math.ceil(rows.length / most);
  const seen = new Int32Array(nClasses);
  return rows.filter((i) => {
    const before = seen[labels[i]!]!++;
    return before < LEAST_OF_CLASS || before % step === 0;
  });
}

function rowsOf({ data, cols }: Matrix, rows: Int32Array): Matrix {
  const out = new Float32Array(rows.length * cols);
  rows.forEach((row, i) =>
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols)
  );
  return { data: out, rows: rows.length, cols };
}

function pick(values: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => values[row]!);
}

function orNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
