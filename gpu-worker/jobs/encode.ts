// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import { Problems } from "../codecs/problems.ts";
import {
  type ContentCounts,
  decodeSignals,
  type SplitSignals,
} from "../codecs/signals_file.ts";
import { encodeViews } from "../codecs/views_file.ts";
import type { Device } from "../graphs/session.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { PartRow, RunStore } from "../store/run_store.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { EncodeProgram, EncoderSettings } from "./encode_worker.ts";
import { fetchedNote, NO_USABLE_OUTPUT_NOTE } from "./notes.ts";
import { SHARES } from "./stages.ts";
import {
  downloadWork,
  signalsPaths,
  uploadWork,
  workFolder,
} from "./work_files.ts";

/** What the stage reaches outside itself. */
export interface EncodeDeps {
  readonly runs: RunStore;
  readonly objects: ObjectStore;
  readonly device: Device;
  /** Encoders other than those of this repository, and their budget. */
  readonly encoders: Omit<EncoderSettings, "device" | "threads">;
  readonly reached: ReachPoint;
}

/** Rows of one samples part, and where they stand among all samples. */
interface PartSamples {
  readonly part: PartRow;
  readonly rows: Int32Array;
  readonly places: Int32Array;
}

/** Share of the stage that reading is: images are encoded as they are read, texts when all are there. */
const READING = { images: 0.8, others: 0.2 };

/**
 * Stage `encode`: reads again what the samples hold, where stage `fold` has found it, and leaves views of it for stage `score`.
 *
 * One part is in memory at a time, beside texts and features. Parts and rows go in an order that does not depend on arrival.
 */
export async function encode(
  lease: Lease,
  deps: EncodeDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const paths = signalsPaths(lease);
  const { splits } = decodeSignals(await downloadWork(deps.objects, paths));
  const allParts = await deps.runs.parts(lease.runId);
  const parts = partSamples(splits, allParts);
  const counts = splits.map((s) => s.source.counts);
  const nUris = sum(counts, "imageUris");
  const hasImages = sum(counts, "images") + nUris > 0;
  const reading = hasImages ? READING.images : READING.others;
  const [start, end] = SHARES.withoutOutputs.encode;
  const progress = (fraction: number) =>
    report(start + (end - start) * fraction);

  using thread = new ComputeThread<EncodeProgram>(
    new URL("./encode_worker.ts", import.meta.url),
    signal,
  );
  await thread.call("open", { ...deps.encoders, device: deps.device });
  const problems = new Problems();
  const totalBytes = parts.reduce((n, { part }) => n + part.sizeBytes, 1);
  const order = new Int32Array(splits.reduce((n, s) => n + s.keys.length, 0));
  let [readBytes, nAdded] = [0, 0];
  for (const { part, rows, places } of parts) {
    const bytes = await deps.objects.download(part.storagePath);
    const { contentType, contentEncoding, partId, sizeBytes } = part;
    const refused = await thread.call(
      "add",
      { bytes, contentType, contentEncoding, rows },
      {
        transfer: [bytes.buffer],
        onProgress: (fraction) =>
          progress(reading * (readBytes + fraction * sizeBytes) / totalBytes),
      },
    );
    for (const { row, rule, uri } of refused) {
      problems.add(partId, row, "image", rule, uri);
    }
    places.forEach((place, i) => order[place] = nAdded + i);
    nAdded += rows.length;
    readBytes += sizeBytes;
  }
  const { views, notes, nFetched } = await thread.call("finish", order, {
    onProgress: (fraction) => progress(reading + (1 - reading) * fraction),
  });
  await deps.reached("samples_encoded", lease.runId);
  const allNotes = [
    ...allParts.some((p) => p.partKind === "outputs")
      ? [NO_USABLE_OUTPUT_NOTE]
      : [],
    ...notes,
    ...nUris > 0 ? [fetchedNote(nFetched, nUris)] : [],
  ];
  if (views.length === 0) {
    throw new AppError(
      "unusable_input",
      `Cannot score run "${lease.runId}": no output was logged, and nothing of what its samples hold can be compared. ${
        [...allNotes, ...problems.list().slice(0, 1).map((p) => p.message)]
          .join(". ")
      }`,
    );
  }
  signal.throwIfAborted();
  const result = {
    signals_paths: paths,
    views_paths: await uploadWork(
      deps.objects,
      `${workFolder(lease)}/views.bin`,
      encodeViews({ views, problems: problems.list(), notes: allNotes }),
    ),
  };
  return {
    result: { ...result, notes: allNotes },
    next: { stage: "score", payloads: [result] },
    revisionId: null,
  };
}

/** Samples by the part they were read from, in the order they were read; a part without a sample is left out. */
function partSamples(
  splits: readonly SplitSignals[],
  parts: readonly PartRow[],
): PartSamples[] {
  const byId = new Map(parts.map((part) => [part.partId, part]));
  const found: PartSamples[] = [];
  let first = 0;
  for (const { keys, source: { parts, partOf, rowOf } } of splits) {
    const samples = Map.groupBy(partOf.keys(), (i) => partOf[i]!);
    for (const [position, partId] of parts.entries()) {
      const own = samples.get(position);
      if (!own) continue;
      own.sort((a, b) => rowOf[a]! - rowOf[b]!);
      const part = byId.get(partId);
      if (!part) throw new Error(`Cannot find part ${partId} again`);
      found.push({
        part,
        rows: Int32Array.from(own, (i) => rowOf[i]!),
        places: Int32Array.from(own, (i) => first + i),
      });
    }
    first += keys.length;
  }
  return found;
}

function sum(
  counts: readonly ContentCounts[],
  kind: keyof ContentCounts,
): number {
  return counts.reduce((n, c) => n + c[kind], 0);
}
