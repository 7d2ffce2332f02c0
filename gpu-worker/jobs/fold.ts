// deno-lint-ignore-file camelcase
import { createHash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Split } from "@shared/types/part.ts";
import { decodePart } from "../codecs/mod.ts";
import { outputRows } from "../codecs/output_rows.ts";
import { Problems } from "../codecs/problems.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { PartRow, RunRow, RunStore } from "../store/run_store.ts";
import type { SampleStore, StoredSample } from "../store/sample_store.ts";
import { encodeSignals, type SplitSignals } from "../codecs/signals_file.ts";
import { Contents } from "./contents.ts";
import {
  type ReadPart,
  readSamples,
  type SplitSamples,
} from "./read_samples.ts";
import { SHARES, stageAfterFold } from "./stages.ts";
import { uploadWork, workFolder } from "./work_files.ts";

/** What the stage reaches outside itself. */
export interface FoldDeps {
  readonly runs: RunStore;
  readonly samples: SampleStore;
  readonly objects: ObjectStore;
  readonly reached: ReachPoint;
}

/**
 * Stage `fold`: reads the parts, checks each row, writes the samples, and leaves sums over epochs for stage `score`.
 *
 * One epoch is in memory at a time. Everything is read in an order that does not depend on arrival, so that a second attempt leaves the
 * same bytes.
 */
export async function fold(
  lease: Lease,
  deps: FoldDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const run = await deps.runs.run(lease.runId);
  const parts = await deps.runs.parts(lease.runId);
  const problems = new Problems();
  const totalBytes = parts.reduce((sum, p) => sum + p.sizeBytes, 1);
  const hasOutputs = parts.some((p) => p.partKind === "outputs");
  const [, share] = SHARES[hasOutputs ? "withOutputs" : "withoutOutputs"].fold;
  let readBytes = 0;
  const read: ReadPart = async (part, use) => {
    signal.throwIfAborted();
    const bytes = await deps.objects.download(part.storagePath);
    readBytes += part.sizeBytes;
    report(share * readBytes / totalBytes);
    try {
      await checkBytes(bytes, part);
      use(await decodePart(bytes, part.contentType, part.contentEncoding));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unusable_input") {
        throw error;
      }
      problems.add(part.partId, null, null, error.message);
    }
  };

  const contents = new Contents(
    `${run.projectId}/${run.runId}/contents/${lease.taskId}-${lease.attempt}`,
  );
  const splits = await readSamples(run, parts, read, problems, contents);
  const stored = splits.flatMap(([, s]) => s.rows);
  if (stored.length === 0) {
    throw new AppError(
      "unusable_input",
      `Cannot score run "${run.runId}": no usable sample was logged${
        firstProblem(problems)
      }`,
    );
  }
  await contents.upload(deps.objects);
  const keys = await deps.samples.upsert(run.projectId, run.datasetId, stored);
  await deps.samples.version(run, digestOf(run, stored), stored, keys);

  const signals: SplitSignals[] = [];
  let start = 0;
  for (const [split, samples] of splits) {
    const end = start + samples.rows.length;
    const outputs = parts.filter((p) =>
      p.partKind === "outputs" && p.split === split
    );
    signals.push({
      split,
      keys: keys.slice(start, end),
      sampleIds: samples.rows.map((s) => s.id),
      source: samples.source,
      contentHashes: samples.rows.map((s, i) =>
        samples.hasContent[i] ? new Uint8Array(s.contentHash).toHex() : null
      ),
      textSignatures: samples.hasText ? samples.signatures : null,
      ...await foldOutputs(run, split, samples, outputs, read, problems),
    });
    start = end;
  }
  const stage = stageAfterFold(signals);
  if (stage === null) throw nothingToScore(run.runId, problems);
  await deps.reached("samples_folded", run.runId);
  signal.throwIfAborted();
  const result = {
    signals_paths: await uploadWork(
      deps.objects,
      `${workFolder(lease)}/signals.bin`,
      encodeSignals({
        labelNames: run.labelNames,
        splits: signals,
        problems: problems.list(),
      }),
    ),
  };
  return {
    result,
    next: { stage, payloads: [result] },
    revisionId: null,
  };
}

async function foldOutputs(
  run: RunRow,
  split: Split,
  samples: SplitSamples,
  parts: readonly PartRow[],
  read: ReadPart,
  problems: Problems,
): Promise<
  Pick<SplitSignals, "dynamics" | "embeddings" | "width" | "isOutOfSample">
> {
  const nClasses = run.labelNames.length;
  const dynamics = new TrainingDynamics({
    labels: Int32Array.from(samples.rows, (s) => s.label),
    nClasses,
  });
  let embeddings: { data: Float32Array<ArrayBuffer>; width: number } | null =
    null;
  const epochs = Map.groupBy(parts, (p) => p.epoch);
  for (const epoch of [...epochs.keys()].sort((a, b) => a - b)) {
    const table = new EpochEmbeddings(samples.rows.length);
    let hasRows = false;
    for (const part of epochs.get(epoch)!) {
      await read(part, (rows) => {
        const outputs = outputRows(rows, part.partId, {
          rowOf: (id) => samples.rowOf.get(id),
          nClasses,
          split,
          width: table.width || embeddings?.width || 0,
        }, problems);
        if (!outputs) return;
        if (!hasRows) dynamics.beginEpoch(epoch);
        hasRows = true;
        dynamics.add(
          outputs.rows,
          { data: outputs.values, rows: outputs.rows.length, cols: nClasses },
          outputs.kind,
        );
        table.add(outputs.rows, outputs.embeddings, outputs.width);
      });
    }
    if (hasRows) dynamics.endEpoch();
    embeddings = table.means() ?? embeddings;
  }
  return {
    dynamics: dynamics.state,
    embeddings: embeddings?.data ?? null,
    width: embeddings?.width ?? 0,
    isOutOfSample: parts.length > 0 &&
      parts.every((p) => p.predictionKind === "out_of_sample"),
  };
}

/** Embeddings of one epoch: a sample met twice counts with its mean, one not met is NaN. */
class EpochEmbeddings {
  width = 0;
  readonly #n: number;
  #sums: Float32Array<ArrayBuffer> | null = null;
  readonly #counts: Uint16Array;

  constructor(n: number) {
    this.#n = n;
    this.#counts = new Uint16Array(n);
  }

  add(rows: Int32Array, vectors: Float32Array | null, width: number): void {
    if (!vectors) return;
    this.width = width;
    this.#sums ??= new Float32Array(this.#n * width);
    rows.forEach((row, i) => {
      if (Number.isNaN(vectors[i * width])) return; // logged without
      this.#counts[row]!++;
      for (let d = 0; d < width; d++) {
        this.#sums![row * width + d]! += vectors[i * width + d]!;
      }
    });
  }

  means(): { data: Float32Array<ArrayBuffer>; width: number } | null {
    if (!this.#sums) return null;
    for (let row = 0; row < this.#n; row++) {
      for (let d = row * this.width; d < (row + 1) * this.width; d++) {
        this.#sums[d] = this.#sums[d]! / this.#counts[row]!; // 0 / 0 is NaN: not met
      }
    }
    return { data: this.#sums, width: this.width };
  }
}

/** The edge has hashed what it passed on; of what went straight to Storage it knows what was announced. */
async function checkBytes(
  bytes: Uint8Array<ArrayBuffer>,
  { partId, sha256 }: PartRow,
): Promise<void> {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (found.every((byte, i) => byte === sha256[i])) return;
  throw new AppError(
    "unusable_input",
    `Cannot use part "${partId}" as its bytes must have the SHA-256 that was announced, ${
      new Uint8Array(sha256).toHex()
    }: current value is ${found.toHex()}`,
  );
}

/** Tells one version of a dataset from another: what stands in which split with which label. */
function digestOf(run: RunRow, samples: readonly StoredSample[]): Uint8Array {
  const hash = createHash("sha256").update(JSON.stringify(run.labelNames));
  for (const { split, id, label, contentHash } of samples) {
    hash.update(`\0${split}\0${id}\0${label}\0`).update(contentHash);
  }
  return new Uint8Array(hash.digest());
}

function nothingToScore(runId: string, problems: Problems): AppError {
  return new AppError(
    "unusable_input",
    `Cannot score run "${runId}": no usable output was logged, and no text, image or features to score without${
      firstProblem(problems)
    }`,
  );
}

function firstProblem(problems: Problems): string {
  const [first] = problems.list();
  return first ? `. ${first.message}` : "";
}
