/**
 * Builds kNN graphs on the device that ASSAY_DEVICE asks for and on the CPU, and writes as JSON which device it was and how they differ. A
 * process of its own, as the driver is chosen by the environment.
 *
 * @module
 */
import { randomMatrix, shareOfOthers, withOddRows } from "../_testing.ts";
import { knnGraph } from "../knn_graph.ts";
import { type DeviceRequest, resolveDevice } from "../session.ts";

/** What is written. */
export interface DeviceReport {
  /** Device that works. */
  readonly device: string;
  /** Of each graph. */
  readonly graphs: readonly {
    readonly metric: string;
    readonly method: string;
    /** Share of values that are not the CPU's. */
    readonly shareOfOthers: number;
    /** Places of neighbours that are not the CPU's. */
    readonly otherNeighbours: number;
  }[];
}

if (import.meta.main) {
  const device = await resolveDevice(
    Deno.env.get("ASSAY_DEVICE") as DeviceRequest,
  );
  const base = withOddRows(randomMatrix(600, 24, 21));
  const graphs: DeviceReport["graphs"][number][] = [];
  for (const metric of ["cosine", "euclidean"] as const) {
    const options = { queries: base, base, selfOffset: 0, k: 6, metric };
    const there = await knnGraph({ ...options, device });
    const here = await knnGraph(options);
    graphs.push({
      metric,
      method: there.method,
      shareOfOthers: shareOfOthers(there.values, here.values),
      otherNeighbours: there.neighbours
        .filter((row, i) => row !== here.neighbours[i]).length,
    });
  }
  const report: DeviceReport = { device, graphs };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
}
