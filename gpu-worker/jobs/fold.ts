// deno-lint-ignore-file camelcase
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Split } from "@shared/types/part.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { PartRow, RunRow, RunStore } from "../store/run_store.ts";
import type { SampleStore } from "../store/sample_store.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { FoldProgram } from "./fold_worker.ts";
import type { FoldedSamples } from "./run_fold.ts";
import { SHARES } from "./stages.ts";
import { uploadWork, workFolder } from "./work_files.ts";

/** What the stage reaches outside itself. */
export interface FoldDeps {
  readonly runs: RunStore;
  readonly samples: SampleStore;
  readonly objects: ObjectStore;
  readonly reached: ReachPoint;
}

const SPLITS: readonly Split[] = ["training", "validation", "test"];
/** Samples that are in two threads at once. */
const CHUNK = 5000;
/** A part up to this is fetched while the one before it is read. */
const MOST_AHEAD_BYTES = 32 * 1_048_576;

/**
 * Stage `fold`: reads the parts, checks each row, writes the samples, and leaves sums over epochs for stage `score`.
 *
 * A thread reads them (`fold_worker.ts`), one epoch in memory at a time; here is what goes to Storage and PostgreSQL. Everything is read in
 * an order that does not depend on arrival, so that a second attempt leaves the same bytes.
 */
export async function fold(
  lease: Lease,
  deps: FoldDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  using thread = new ComputeThread<FoldProgram>(
    new URL("./fold_worker.ts", import.meta.url),
    signal,
  ); // first: it starts while the database answers
  const run = await deps.runs.run(lease.runId);
  const parts = await deps.runs.parts(lease.runId);
  const totalBytes = parts.reduce((sum, p) => sum + p.sizeBytes, 1);
  const hasOutputs = parts.some((p) => p.partKind === "outputs");
  const [, share] = SHARES[hasOutputs ? "withOutputs" : "withoutOutputs"].fold;
  await thread.call("open", {
    run,
    contentsFolder:
      `${run.projectId}/${run.runId}/contents/${lease.taskId}-${lease.attempt}`,
  });
  let readBytes = 0;
  const download = ({ storagePath }: PartRow) => {
    const bytes = deps.objects.download(storagePath);
    bytes.catch(() => {}); // awaited when its turn comes
    return bytes;
  };
  const read = async (
    name: "addSamples" | "addOutputs",
    parts: readonly PartRow[],
  ) => {
    let next: ReturnType<typeof download> | null = null;
    for (const [i, part] of parts.entries()) {
      const bytes = await (next ?? download(part));
      const following = parts[i + 1];
      const fits = following && following.sizeBytes <= MOST_AHEAD_BYTES;
      next = fits ? download(following) : null;
      await thread.call(name, { part, bytes }, { transfer: [bytes.buffer] });
      readBytes += part.sizeBytes;
      report(share * readBytes / totalBytes);
    }
  };
  const bySplit = (kind: PartRow["partKind"]) =>
    SPLITS.flatMap((split) =>
      parts.filter((p) => p.partKind === kind && p.split === split)
    );

  await read("addSamples", bySplit("samples"));
  const folded = await thread.call("closeSamples", null);
  for (const path of folded.contentPaths) {
    await deps.objects.upload(
      path,
      await thread.call("takeContents", path),
      "text/plain; charset=utf-8",
    );
  }
  const keys = await writeSamples(run, folded, deps.samples, thread);
  const known = new Set(folded.splits.map(({ split }) => split));
  const outputs = bySplit("outputs").filter((p) => known.has(p.split));
  await read("addOutputs", outputs);
  const { file, stage } = await thread.call("finish", keys);
  await deps.reached("samples_folded", run.runId);
  signal.throwIfAborted();
  const path = `${workFolder(lease)}/signals.bin`;
  const result = { signals_paths: await uploadWork(deps.objects, path, file) };
  return {
    result,
    next: { stage, payloads: [result] },
    revisionId: null,
  };
}

/** Writes samples and their version; returns the key of each. */
async function writeSamples(
  run: RunRow,
  { n, labels, splits, digest }: FoldedSamples,
  samples: SampleStore,
  thread: ComputeThread<FoldProgram>,
): Promise<BigInt64Array<ArrayBuffer>> {
  const keys = new BigInt64Array(n);
  for (let start = 0; start < n; start += CHUNK) {
    const end = Math.min(n, start + CHUNK);
    const rows = await thread.call("samples", { start, end });
    keys.set(await samples.upsert(run, rows), start);
  }
  const splitOf = splits.flatMap(({ split, n }) =>
    new Array<string>(n).fill(split)
  );
  const placed = splitOf.map((split, i) => ({ split, label: labels[i]! }));
  await samples.version(run, digest, placed, keys);
  return keys;
}
