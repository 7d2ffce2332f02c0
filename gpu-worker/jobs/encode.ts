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
import type { TokenTables } from "../encoders/mod.ts";
import type { Device } from "../graphs/session.ts";
import type { Lease, ReportProgress, TaskOutcome } from "../runner/lease.ts";
import type { EncodingStore } from "../store/encoding_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import type { PartRow, RunStore } from "../store/run_store.ts";
import { ComputeThread } from "./compute_thread.ts";
import type { EncodeProgram, EncoderSettings } from "./encode_worker.ts";
import { EncodingFiles } from "./encoding_files.ts";
import {
  fetchedNote,
  NO_USABLE_OUTPUT_NOTE,
  NO_VIEW_NOTE,
  notFetchedNote,
} from "./notes.ts";
import { hasEpochs, SHARES } from "./stages.ts";
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
  readonly encodings: EncodingStore;
  readonly device: Device;
  /** Encoders other than those of this repository, and their budget. */
  readonly encoders: Omit<EncoderSettings, "device" | "threads">;
  readonly reached: ReachPoint;
}

/** Rows of one samples part, and where they stand among all samples. */
interface PartSamples {
  readonly part: PartRow;
  readonly rows: Int32Array;
  readonly contentHashes: readonly (string | null)[];
  readonly places: Int32Array;
}

/** Share of the stage that reading is: images are encoded as they are read, texts when all are there. */
const READING = { images: 0.8, others: 0.2 };

/** The token table of the encoder that was last used: it is of its vocabulary, not of anybody's data. */
let tokenTables: TokenTables = new Map();

/**
 * Stage `encode`: reads again what the samples hold, where stage `fold` has found it, and leaves views of it for stage `score`.
 *
 * A content that was encoded before, for whatever run of its dataset, is not encoded again. Where there are outputs too, what goes beyond
 * the budget is left out, and no URI is followed: the run can be scored without. One part is in memory at a time, beside texts and features. Parts and rows go
 * in an order that does not depend on arrival.
 */
export async function encode(
  lease: Lease,
  deps: EncodeDeps,
  report: ReportProgress,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const paths = signalsPaths(lease);
  const { splits } = decodeSignals(await downloadWork(deps.objects, paths));
  const { datasetId } = await deps.runs.run(lease.runId);
  const allParts = await deps.runs.parts(lease.runId);
  const hasOutputs = hasEpochs(splits);
  const counts = countsOf(splits);
  const nUris = counts.imageUris;
  const hasImages = counts.images + (hasOutputs ? 0 : nUris) > 0;
  const [start, end] =
    SHARES[hasOutputs ? "withBoth" : "withoutOutputs"].encode;
  const progress = (fraction: number) =>
    report(start + (end - start) * fraction);

  const contentHashes = splits.flatMap((s) => s.contentHashes)
    .filter((hash) => hash !== null);
  using thread = new ComputeThread<EncodeProgram>(
    new URL("./encode_worker.ts", import.meta.url),
    signal,
  );
  const { keys, isLookingAtImages } = await thread.call("open", {
    ...deps.encoders,
    ...{ device: deps.device, tokenTables },
    isOptional: hasOutputs,
    has: { texts: counts.texts > 0, images: hasImages },
    nImages: counts.images,
    contentHashes,
  });
  const files = new EncodingFiles(lease, deps, keys);
  await files.recall(
    datasetId,
    contentHashes,
    (known) => thread.call("know", known, { transfer: [known.values.buffer] }),
  );
  const isReading = counts.texts + counts.features > 0 || isLookingAtImages;
  const parts = isReading ? partSamples(splits, allParts) : [];
  const reading = isLookingAtImages ? READING.images : READING.others;
  const problems = new Problems();
  const totalBytes = parts.reduce((n, { part }) => n + part.sizeBytes, 1);
  const order = new Int32Array(parts.reduce((n, p) => n + p.rows.length, 0));
  let [readBytes, nAdded] = [0, 0];
  const areImages = counts.texts + counts.features + nUris === 0;
  for (const { part, places, ...rows } of parts) {
    const { contentType, contentEncoding, partId, sizeBytes } = part;
    const isKnown = areImages &&
      await thread.call("addKnown", rows.contentHashes);
    if (!isKnown) {
      const bytes = await deps.objects.download(part.storagePath);
      const { refused, made } = await thread.call(
        "add",
        { bytes, contentType, contentEncoding, ...rows },
        {
          transfer: [bytes.buffer],
          onProgress: (fraction) =>
            progress(reading * (readBytes + fraction * sizeBytes) / totalBytes),
        },
      );
      await files.keep(made);
      for (const { row, rule, uri } of refused) {
        problems.add(partId, row, "image", rule, uri);
      }
    }
    places.forEach((place, i) => order[place] = nAdded + i);
    nAdded += places.length;
    readBytes += sizeBytes;
  }
  await files.recallNew(); // texts are encoded now: another run may have encoded them meanwhile
  const { notes, nFetched, nMade, made, ...found } = await thread.call(
    "finish",
    order,
    {
      onProgress: (fraction) => progress(reading + (1 - reading) * fraction),
    },
  );
  tokenTables = found.tokenTables;
  await deps.reached("samples_encoded", lease.runId);
  await files.keep(made);
  const { views, facts, imageHashes } = found;
  const logged = allParts.some((p) => p.partKind === "outputs");
  const allNotes = [
    ...logged && !hasOutputs ? [NO_USABLE_OUTPUT_NOTE] : [],
    ...notes,
    ...nUris === 0
      ? []
      : [hasOutputs ? notFetchedNote(nUris) : fetchedNote(nFetched, nUris)],
  ];
  if (views.length === 0) {
    if (!hasOutputs) throw nothingToScoreBy(lease.runId, allNotes, problems);
    if (allNotes.length === 0) allNotes.push(NO_VIEW_NOTE);
  }
  signal.throwIfAborted();
  const result = {
    signals_paths: paths,
    views_paths: await uploadWork(
      deps.objects,
      `${workFolder(lease)}/views.bin`,
      encodeViews({
        views,
        ...facts && { facts },
        ...imageHashes && { imageHashes },
        problems: problems.list(),
        notes: allNotes,
      }),
    ),
  };
  return {
    result: { ...result, notes: allNotes, n_encoded: nMade },
    next: { stage: "score", payloads: [result] },
    revisionId: null,
  };
}

function nothingToScoreBy(
  runId: string,
  notes: readonly string[],
  problems: Problems,
): AppError {
  const why = [...notes, ...problems.list().slice(0, 1).map((p) => p.message)];
  return new AppError(
    "unusable_input",
    `Cannot score run "${runId}": no output was logged, and nothing of what its samples hold can be compared. ${
      why.join(". ")
    }`,
  );
}

/** Samples by the part they were read from, in the order they were read; a part without a sample is left out. */
function partSamples(
  splits: readonly SplitSignals[],
  parts: readonly PartRow[],
): PartSamples[] {
  const byId = new Map(parts.map((part) => [part.partId, part]));
  const found: PartSamples[] = [];
  let first = 0;
  for (const { keys, contentHashes, source } of splits) {
    const { parts, partOf, rowOf } = source;
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
        contentHashes: own.map((i) => contentHashes[i]!),
        places: Int32Array.from(own, (i) => first + i),
      });
    }
    first += keys.length;
  }
  return found;
}

/** Counts over all splits. */
function countsOf(splits: readonly SplitSignals[]): ContentCounts {
  const sum = (kind: keyof ContentCounts) =>
    splits.reduce((n, { source: { counts } }) => n + counts[kind], 0);
  return {
    texts: sum("texts"),
    images: sum("images"),
    imageUris: sum("imageUris"),
    features: sum("features"),
  };
}
