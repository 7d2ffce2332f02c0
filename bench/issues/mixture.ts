import type { ScoreResult } from "../../gpu-worker/detectors/score_types.ts";
import { scoreDataset } from "../../gpu-worker/detectors/score_dataset.ts";
import type { SplitInputs } from "../../gpu-worker/detectors/score_types.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { seededRandom } from "../../gpu-worker/kernels/seeded_random.ts";
import { TrainingDynamics } from "../../gpu-worker/signals/training_dynamics.ts";
import { type NpyData, readNpy, readNpyMatrix, writeNpy } from "../npy.ts";
import type { PeerPython } from "../peers.ts";

/** Samples some of which are what is looked for. All arrays have the same n rows. */
export interface Mixture {
  /** Features that all sides get, (n, d). */
  readonly features: Matrix;
  /** Given labels, from 0; each class at least five times, (n,). */
  readonly labels: Int32Array;
  /** 1 for what is to be found, (n,). */
  readonly isOdd: Uint8Array;
  /** What Assay is given beside features, as its users log it: texts' signatures, images' hashes. */
  readonly content?: Partial<
    Pick<SplitInputs, "textSignatures" | "contentHashes" | "imageHashes">
  >;
}

/** Issue types that all sides have. */
export type SharedIssue = "outlier" | "near_duplicate";

/** What a side says: scores, high is worse, and flags where it has any. */
export interface Said {
  /** (n,). */
  readonly scores: ArrayLike<number>;
  /** (n,). */
  readonly flags: ArrayLike<number> | null;
}

/** What each side says of a mixture. */
export async function askAll(
  { features, labels, content }: Mixture,
  issue: SharedIssue,
  python: PeerPython,
): Promise<Record<string, Said>> {
  const folder = await Deno.makeTempDir({ prefix: "assay-bench-" });
  try {
    await writeNpy(`${folder}/features.npy`, {
      data: features.data,
      shape: [features.rows, features.cols],
    });
    await writeNpy(`${folder}/labels.npy`, {
      data: labels,
      shape: [labels.length],
    });
    await python.run("peer_issues.py", [folder], { threads: 2 });
    const read = async (name: string) =>
      (await readNpy(`${folder}/${name}.npy`)).data as Exclude<
        NpyData,
        BigInt64Array
      >;
    const probs = await readNpyMatrix(`${folder}/probs.npy`);
    const result = await score(features, labels, probs, content);
    const scores = result.issueScores[issue];
    return {
      ...(scores && {
        assay: {
          scores,
          flags: Uint8Array.from(
            result.issueTypes,
            (types) => types.includes(issue) ? 1 : 0,
          ),
        },
      }),
      datalab: {
        scores: await read(`datalab_${issue}`),
        flags: await read(`datalab_${issue}_flagged`),
      },
      fiftyone: {
        scores: await read(`fiftyone_${issue}`),
        flags: issue === "near_duplicate"
          ? await read(`fiftyone_${issue}_flagged`)
          : null,
      },
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function score(
  features: Matrix,
  labels: Int32Array,
  probs: Matrix,
  content: Mixture["content"],
): Promise<ScoreResult> {
  const dynamics = new TrainingDynamics({ labels, nClasses: probs.cols });
  dynamics.beginEpoch(0);
  dynamics.add(Int32Array.from(labels.keys()), probs, "probs");
  dynamics.endEpoch();
  return scoreDataset({
    labelNames: Array.from({ length: probs.cols }, (_, k) => String(k)),
    splits: [{
      split: "training",
      isOutOfSample: true,
      dynamics: dynamics.state,
      embeddings: features,
      contentHashes: null,
      textSignatures: null,
      sampleIds: null,
      ...content,
    }],
  });
}

/** `count` different whole numbers below `n`, in the order they are drawn. */
export function drawn(n: number, count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const all = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (n - i));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.slice(0, count);
}

/** Some rows of a matrix. */
export function rowsOf(
  { data, cols }: Matrix,
  rows: readonly number[],
): Matrix {
  const out = new Float32Array(rows.length * cols);
  rows.forEach((row, i) =>
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols)
  );
  return { data: out, rows: rows.length, cols };
}

/** Rows of both, one after the other. */
export function stacked(a: Matrix, b: Matrix): Matrix {
  if (a.cols !== b.cols) {
    throw new RangeError(
      `Cannot stack rows as widths must be equal: got ${a.cols} and ${b.cols}`,
    );
  }
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { data, rows: a.rows + b.rows, cols: a.cols };
}

/** Numbers the labels that occur from 0, so that none is missing. */
export function dense(labels: Int32Array): Int32Array {
  const known = [...new Set(labels)].sort((a, b) => a - b);
  const places = new Map(known.map((label, k) => [label, k]));
  return labels.map((label) => places.get(label)!);
}
