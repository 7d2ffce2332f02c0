import process from "node:process";
import { knnGraph } from "../../gpu-worker/graphs/knn_graph.ts";
import { openSession } from "../../gpu-worker/graphs/session.ts";
import type { Matrix } from "../../gpu-worker/kernels/matrix.ts";
import { readNpyMatrix } from "../npy.ts";
import type { Step, StepOptions } from "./step.ts";

const BLOCK = 512;
const TURNS = 3;

/** Rate of the exact graph's product beside the rate of a bare product of the same shapes, in turns in one process, by CPU time. */
export async function productRate(
  { folder, threads }: StepOptions,
): ReturnType<Step> {
  const base = await readNpyMatrix(`${folder}features.npy`);
  return async () => {
    const bare: number[] = [];
    const graph: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      bare.push(await bareRate(base, threads));
      graph.push(await graphRate(base, threads));
    }
    const best = (rates: number[]) => Math.max(...rates);
    return {
      arrays: {},
      numbers: {
        bare_product_gflops: best(bare),
        exact_graph_gflops: best(graph),
        share_of_bare_product: best(graph) / best(bare),
      },
    };
  };
}

/** GFLOP in a second of CPU time of `(query . base') . base`: two products, whose large result between stays where it is. */
async function bareRate(base: Matrix, threads: number): Promise<number> {
  const { data, rows, cols } = base;
  const session = await openSession({
    name: "bare_product",
    inputs: { query: ["b", cols] },
    outputs: { out: ["b", cols] },
    initializers: { base: { data, shape: [rows, cols] } },
    nodes: [
      ["Gemm", ["query", "base"], "scores", { transB: 1 }], // (b, n)
      ["MatMul", ["scores", "base"], "out"], // (b, d)
    ],
  }, { threads });
  try {
    const query = {
      data: data.subarray(0, BLOCK * cols),
      shape: [BLOCK, cols],
    };
    await session.run({ query });
    const nBlocks = Math.ceil(rows / BLOCK / 2);
    const seconds = await cpuSeconds(async () => {
      for (let block = 0; block < nBlocks; block++) {
        await session.run({ query });
      }
    });
    return 4 * nBlocks * BLOCK * rows * cols / seconds / 1e9;
  } finally {
    await session.release();
  }
}

/** The same of the whole exact graph: product, the best of it, true values and order. */
async function graphRate(base: Matrix, threads: number): Promise<number> {
  const seconds = await cpuSeconds(async () => {
    await knnGraph({
      queries: base,
      base,
      selfOffset: 0,
      k: 10,
      metric: "cosine",
      method: "exact",
      threads,
    });
  });
  return 2 * base.rows ** 2 * base.cols / seconds / 1e9;
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
