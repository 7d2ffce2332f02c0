import type { InferredBlock, RefusedSamples } from "../codecs/inferred_file.ts";
import { type Problem, Problems } from "../codecs/problems.ts";
import { encodeSignals, type RunSignals } from "../codecs/signals_file.ts";
import type { ModelPlan } from "../models/contract.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { EpochEmbeddings } from "./epoch_embeddings.ts";
import { areProbs, isRowUsable, type ScoresKind } from "./infer_outputs.ts";

/** Samples of one part. */
export interface InferPart {
  readonly partId: string;
  readonly split: number;
  /** Rows that are samples, ascending. */
  readonly rows: Int32Array;
  /** Which of the split's samples each is. */
  readonly places: Int32Array;
}

/** What came of all samples. */
export interface Inferred {
  /** Signals of the model, as a file like that of stage `fold`. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** Whether the model gave embeddings. */
  readonly hasEmbeddings: boolean;
  /** Samples that it was run over. */
  readonly nRun: number;
  /** What is wrong with the others. */
  readonly problems: readonly Problem[];
}

/** How the epoch ends. */
export interface InferredOptions {
  readonly predictionKind: "in_sample" | "out_of_sample" | null;
  readonly notes: readonly string[];
  /** Whether embeddings count. */
  readonly withEmbeddings: boolean;
}

/** Where samples were read, part by part; their place among all is that in this order. */
export function inferParts({ splits }: RunSignals): InferPart[] {
  return splits.flatMap(({ source }, split) => {
    const byPart = Map.groupBy(source.partOf.keys(), (i) => source.partOf[i]!);
    return source.parts.flatMap((partId, position) => {
      const own = byPart.get(position);
      if (!own) return [];
      own.sort((a, b) => source.rowOf[a]! - source.rowOf[b]!);
      return [{
        partId,
        split,
        rows: Int32Array.from(own, (i) => source.rowOf[i]!),
        places: Int32Array.from(own),
      }];
    });
  });
}

/** Folds blocks into signals, as if a training had logged one epoch. What comes out does not depend on where blocks begin and end. */
export class InferredFold {
  readonly #signals: RunSignals;
  readonly #plan: Pick<ModelPlan, "scores">;
  readonly #parts: readonly InferPart[];
  readonly #starts: readonly number[];
  readonly #splits: readonly {
    readonly dynamics: TrainingDynamics;
    readonly embeddings: EpochEmbeddings;
  }[];
  readonly #problems = new Problems();
  #scoresKind: ScoresKind | null;
  #at = 0;
  #nRun = 0;

  /**
   * Begins the epoch.
   *
   * @param parts Made by {@linkcode inferParts}.
   */
  constructor(
    signals: RunSignals,
    plan: Pick<ModelPlan, "scores" | "scoresKind">,
    parts: readonly InferPart[],
  ) {
    this.#signals = signals;
    this.#plan = plan;
    this.#parts = parts;
    this.#scoresKind = plan.scoresKind;
    let start = 0;
    this.#starts = parts.map(({ rows }) =>
      (start += rows.length) - rows.length
    );
    this.#splits = signals.splits.map(({ dynamics, keys }) => {
      const { labels, nClasses } = dynamics;
      const own = new TrainingDynamics({ labels, nClasses });
      own.beginEpoch(0);
      return { dynamics: own, embeddings: new EpochEmbeddings(keys.length) };
    });
  }

  /**
   * Takes the next block.
   *
   * @returns False, and takes nothing, if it is not the one that comes next.
   */
  add(block: InferredBlock, from: number, to: number): boolean {
    const isNext = block.from === from && block.to === to && from === this.#at;
    if (!isNext) return false;
    this.#at = to;
    const { places, scores, nClasses, nFirst } = block;
    if (places.length > 0) {
      this.#scoresKind ??=
        areProbs(scores.subarray(0, nFirst * nClasses), nClasses)
          ? "probs"
          : "logits";
    }
    const refused = block.refused.toSorted((a, b) => a.at - b.at).values();
    let next = refused.next();
    for (let row = 0; row < places.length;) {
      const part = this.#partOf(places[row]!);
      const kept: number[] = [];
      const first = row;
      for (; row < places.length && this.#isIn(part, places[row]!); row++) {
        for (
          ;
          !next.done && next.value.at < places[row]!;
          next = refused.next()
        ) {
          this.#refuse(next.value);
        }
        if (this.#isUsable(block, part, row)) kept.push(row);
      }
      this.#addRows(block, part, kept);
      this.#addEmbeddings(block, part, first, row);
    }
    for (; !next.done; next = refused.next()) this.#refuse(next.value);
    return true;
  }

  /** Ends the epoch. */
  finish({ predictionKind, notes, withEmbeddings }: InferredOptions): Inferred {
    const signals = this.#signals;
    const hasEmbeddings = withEmbeddings &&
      this.#splits.some(({ embeddings }) => embeddings.width > 0);
    const splits = signals.splits.map((split, i) => {
      const { dynamics, embeddings } = this.#splits[i]!;
      dynamics.endEpoch();
      const means = embeddings.means();
      const isOutOfSample = split.split === "training"
        ? predictionKind === "out_of_sample"
        : predictionKind !== "in_sample";
      return {
        ...split,
        isOutOfSample,
        dynamics: dynamics.state,
        ...hasEmbeddings
          ? { embeddings: means?.data ?? null, width: means?.width ?? 0 }
          : {},
      };
    });
    const problems = this.#problems.list();
    const file = encodeSignals({
      ...signals,
      splits,
      problems: [...signals.problems, ...problems],
      notes,
    });
    return { file, hasEmbeddings, nRun: this.#nRun, problems };
  }

  #isUsable(block: InferredBlock, part: number, row: number): boolean {
    const { scores, nClasses, places } = block;
    const values = scores.subarray(row * nClasses, (row + 1) * nClasses);
    if (isRowUsable(values, this.#scoresKind!)) return true;
    const rule = this.#scoresKind === "logits"
      ? "finite numbers"
      : "probabilities, at least one above 0";
    const { partId, rows } = this.#parts[part]!;
    this.#problems.add(
      partId,
      rows[places[row]! - this.#starts[part]!]!,
      null,
      `the model's output "${this.#plan.scores}" for a sample must be ${rule}`,
    );
    return false;
  }

  #addRows(
    { scores, nClasses, places }: InferredBlock,
    part: number,
    kept: readonly number[],
  ): void {
    const values = new Float32Array(kept.length * nClasses);
    kept.forEach((row, k) =>
      values.set(
        scores.subarray(row * nClasses, (row + 1) * nClasses),
        k * nClasses,
      )
    );
    const { split, places: own } = this.#parts[part]!;
    const start = this.#starts[part]!;
    this.#splits[split]!.dynamics.add(
      Int32Array.from(kept, (row) => own[places[row]! - start]!),
      { data: values, rows: kept.length, cols: nClasses },
      this.#scoresKind!,
    );
    this.#nRun += kept.length;
  }

  #addEmbeddings(
    { embeddings, width, places }: InferredBlock,
    part: number,
    first: number,
    end: number,
  ): void {
    if (width === 0) return;
    const vectorOf = (row: number) =>
      embeddings.subarray(row * width, (row + 1) * width);
    const usable: number[] = [];
    for (let row = first; row < end; row++) {
      if (vectorOf(row).every(Number.isFinite)) usable.push(row);
    }
    const vectors = new Float32Array(usable.length * width);
    usable.forEach((row, k) => vectors.set(vectorOf(row), k * width));
    const { split, places: own } = this.#parts[part]!;
    const start = this.#starts[part]!;
    this.#splits[split]!.embeddings.add(
      Int32Array.from(usable, (row) => own[places[row]! - start]!),
      vectors,
      width,
    );
  }

  #refuse({ at, column, rule, value, nRows }: RefusedSamples): void {
    const part = this.#partOf(at);
    const { partId, rows } = this.#parts[part]!;
    const row = rows[at - this.#starts[part]!]!;
    this.#problems.add(partId, row, column, rule, value, nRows);
  }

  #partOf(place: number): number {
    return this.#starts.findLastIndex((start) => start <= place);
  }

  #isIn(part: number, place: number): boolean {
    return place < (this.#starts[part + 1] ?? Infinity);
  }
}
