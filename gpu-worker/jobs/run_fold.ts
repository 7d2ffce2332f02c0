import { createHash } from "node:crypto";
import { AppError } from "@shared/errors.ts";
import { decodePart } from "../codecs/mod.ts";
import { outputRows } from "../codecs/output_rows.ts";
import { Problems } from "../codecs/problems.ts";
import type { RowTable } from "../codecs/row_table.ts";
import { encodeSignals, type SplitSignals } from "../codecs/signals_file.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import type { PartRow, RunRow } from "../store/run_store.ts";
import type { StoredSample } from "../store/sample_store.ts";
import { Contents } from "./contents.ts";
import { EpochEmbeddings } from "./epoch_embeddings.ts";
import { SampleReader, type SplitSamples } from "./read_samples.ts";
import { stageAfterFold } from "./stages.ts";

/** A part and its bytes as they lie in Storage. */
export interface StoredPart {
  readonly part: PartRow;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What was read of all samples of a run, split after split. */
export interface FoldedSamples {
  /** Number of samples. */
  readonly n: number;
  /** Given labels, -1 where unlabelled, (n,). */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Splits that have samples, and how many. */
  readonly splits: readonly { readonly split: string; readonly n: number }[];
  /** Tells one version of a dataset from another: what stands in which split with which label. */
  readonly digest: Uint8Array;
  /** Paths of the files that long texts are to lie in. */
  readonly contentPaths: readonly string[];
}

/** What the next stage needs. */
export interface FoldedRun {
  /** The file of {@linkcode encodeSignals}. */
  readonly file: Uint8Array<ArrayBuffer>;
  readonly stage: "encode" | "score";
}

interface OpenSplit {
  readonly samples: SplitSamples;
  readonly dynamics: TrainingDynamics;
  embeddings: { data: Float32Array<ArrayBuffer>; width: number } | null;
  isOutOfSample: boolean;
  hasOutputs: boolean;
}

/** Rows of one writer, kind, split and epoch. */
interface Announced {
  readonly part: PartRow;
  readonly rows: number;
  found: number;
  /** A part could not be read: that is a problem of its own. */
  isBroken: boolean;
}

interface OpenEpoch {
  readonly split: OpenSplit;
  readonly number: number;
  readonly embeddings: EpochEmbeddings;
  hasRows: boolean;
}

/**
 * A run while its parts are read, one in memory at a time: `addSamples()` for each part, `closeSamples()`, `addOutputs()` for each part, by
 * split and epoch, then `finish()`. Rows that cannot be used are noted.
 */
export class RunFold {
  readonly #run: RunRow;
  readonly #problems = new Problems();
  readonly #contents: Contents;
  readonly #reader: SampleReader;
  #splits = new Map<string, OpenSplit>();
  #stored: StoredSample[] = [];
  #epoch: OpenEpoch | null = null;
  readonly #announced = new Map<string, Announced>();

  /**
   * @param run Whose rules hold.
   * @param contentsFolder Folder of long texts.
   */
  constructor(run: RunRow, contentsFolder: string) {
    this.#run = run;
    this.#contents = new Contents(contentsFolder);
    this.#reader = new SampleReader(run, this.#problems, this.#contents);
  }

  /** Reads samples. Parts of one split come one after the other. */
  async addSamples(stored: StoredPart): Promise<void> {
    const { part } = stored;
    this.#reader.open(part);
    await this.#read(stored, (rows) => this.#reader.add(part, rows));
  }

  /**
   * Ends the samples.
   *
   * @throws {AppError} `unusable_input` if there are none.
   */
  closeSamples(): FoldedSamples {
    const splits = this.#reader.close();
    this.#stored = sharedRows(splits.flatMap(([, samples]) => samples.rows));
    if (this.#stored.length === 0) {
      throw this.#unusable("no usable sample was logged");
    }
    for (const [split, samples] of splits) {
      const dynamics = new TrainingDynamics({
        labels: Int32Array.from(samples.rows, (s) => s.label),
        nClasses: this.#run.labelNames.length,
      });
      this.#splits.set(split, {
        ...{ samples, dynamics, embeddings: null },
        ...{ isOutOfSample: true, hasOutputs: false },
      });
    }
    return {
      n: this.#stored.length,
      labels: Int32Array.from(this.#stored, (s) => s.label),
      splits: splits.map(([split, { rows }]) => ({ split, n: rows.length })),
      digest: this.#digest(),
      contentPaths: this.#contents.paths(),
    };
  }

  /** Samples `start` to `end`, as they are to be stored. */
  samples(start: number, end: number): readonly StoredSample[] {
    return this.#stored.slice(start, end);
  }

  /** One file of long texts; it is given away. */
  takeContents(path: string): Uint8Array<ArrayBuffer> {
    return this.#contents.take(path);
  }

  /** Reads outputs. Parts of one split come one after the other, and of those the parts of one epoch. */
  async addOutputs(stored: StoredPart): Promise<void> {
    const { part } = stored;
    const split = this.#splits.get(part.split);
    if (!split) return;
    split.hasOutputs = true;
    split.isOutOfSample &&= part.predictionKind === "out_of_sample";
    if (this.#epoch?.split !== split || this.#epoch.number !== part.epoch) {
      this.#endEpoch();
      const embeddings = new EpochEmbeddings(split.samples.rows.length);
      this.#epoch = { split, number: part.epoch, embeddings, hasRows: false };
    }
    const epoch = this.#epoch;
    const nClasses = this.#run.labelNames.length;
    await this.#read(stored, (rows) => {
      const outputs = outputRows(rows, part.partId, {
        rowOf: (id) => split.samples.rowOf.get(id),
        nClasses,
        split: part.split,
        width: epoch.embeddings.width || split.embeddings?.width || 0,
      }, this.#problems);
      if (!outputs) return;
      if (!epoch.hasRows) split.dynamics.beginEpoch(part.epoch);
      epoch.hasRows = true;
      split.dynamics.add(
        outputs.rows,
        { data: outputs.values, rows: outputs.rows.length, cols: nClasses },
        outputs.kind,
      );
      epoch.embeddings.add(outputs.rows, outputs.embeddings, outputs.width);
    });
  }

  /**
   * Ends the run.
   *
   * @param keys Row of each sample in `samples`, (n,).
   * @throws {AppError} `unusable_input` if there is nothing to score by.
   */
  finish(keys: BigInt64Array<ArrayBuffer>): FoldedRun {
    this.#endEpoch();
    const splits: SplitSignals[] = [];
    let start = 0;
    for (const [split, open] of this.#splits) {
      const { samples, embeddings } = open;
      const end = start + samples.rows.length;
      splits.push({
        split: split as SplitSignals["split"],
        keys: keys.slice(start, end),
        sampleIds: samples.rows.map((s) => s.id),
        source: samples.source,
        contentHashes: samples.rows.map((s, i) =>
          samples.hasContent[i] ? new Uint8Array(s.contentHash).toHex() : null
        ),
        textSignatures: samples.hasText ? samples.signatures : null,
        facts: samples.facts,
        dynamics: open.dynamics.state,
        embeddings: embeddings?.data ?? null,
        width: embeddings?.width ?? 0,
        isOutOfSample: open.hasOutputs && open.isOutOfSample,
      });
      start = end;
    }
    const stage = stageAfterFold(splits);
    if (stage === null) {
      throw this.#unusable(
        "no usable output was logged, and no text, image or features to score without",
      );
    }
    this.#compareCounts();
    const { labelNames } = this.#run;
    const problems = this.#problems.list();
    return { file: encodeSignals({ labelNames, splits, problems }), stage };
  }

  #endEpoch(): void {
    const epoch = this.#epoch;
    if (epoch?.hasRows) epoch.split.dynamics.endEpoch();
    const means = epoch?.embeddings.means();
    if (epoch && means) epoch.split.embeddings = means;
    this.#epoch = null;
  }

  async #read(
    { part, bytes }: StoredPart,
    use: (rows: RowTable) => void,
  ): Promise<void> {
    const count = this.#countOf(part);
    try {
      await checkBytes(bytes, part);
      const rows = await decodePart(
        bytes,
        part.contentType,
        part.contentEncoding,
      );
      count.found += rows.nRows;
      use(rows);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "unusable_input") {
        throw error;
      }
      count.isBroken = true;
      this.#problems.add(part.partId, null, null, error.message);
    }
  }

  #countOf(part: PartRow): Announced {
    const { writer, partKind, split, epoch, announcedRows: rows } = part;
    const key = JSON.stringify([writer, partKind, split, epoch, rows]);
    const known = this.#announced.get(key);
    if (known) return known;
    const count = { part, rows: rows ?? NaN, found: 0, isBroken: false };
    this.#announced.set(key, count);
    return count;
  }

  /** A part that was cut between two rows reads as a shorter one: only its writer knows that more was sent. */
  #compareCounts(): void {
    for (const { part, rows, found, isBroken } of this.#announced.values()) {
      if (isBroken || Number.isNaN(rows) || rows === found) continue;
      const { partId, writer, partKind, split, epoch } = part;
      this.#problems.add(
        partId,
        null,
        null,
        `its writer "${writer}" must have sent as many rows of ${partKind} of split ${split}, epoch ${epoch}, as it says, ${rows}`,
        found,
        Math.abs(rows - found),
      );
    }
  }

  #digest(): Uint8Array {
    const hash = createHash("sha256").update(
      JSON.stringify(this.#run.labelNames),
    );
    for (const { split, id, label, contentHash } of this.#stored) {
      hash.update(`\0${split}\0${id}\0${label}\0`).update(contentHash);
    }
    return new Uint8Array(hash.digest());
  }

  #unusable(why: string): AppError {
    const [first] = this.#problems.list();
    return new AppError(
      "unusable_input",
      `Cannot score run "${this.#run.runId}": ${why}${
        first ? `. ${first.message}` : ""
      }`,
    );
  }
}

/** A sample that stands in several splits is one row in the database, with the metadata it has in the first of them. */
function sharedRows(samples: readonly StoredSample[]): StoredSample[] {
  const first = new Map<string, StoredSample>();
  return samples.map((sample) => {
    const name = `${sample.id}\0${new Uint8Array(sample.contentHash).toHex()}`;
    const known = first.get(name);
    if (!known) first.set(name, sample);
    return known ? { ...sample, metadata: known.metadata } : sample;
  });
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
