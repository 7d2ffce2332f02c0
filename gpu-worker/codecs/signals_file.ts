import type { Split } from "@shared/types/part.ts";
import { decodeArrays, encodeArrays, type StoredArray } from "./array_file.ts";
import type { Problem } from "./problems.ts";
import type { ContentFacts } from "../signals/content_facts.ts";
import type { DynamicsState } from "../signals/dynamics_state.ts";

/** How many samples hold content of each kind. */
export interface ContentCounts {
  readonly texts: number;
  /** Images as bytes. */
  readonly images: number;
  /** Images as URIs. */
  readonly imageUris: number;
  readonly features: number;
}

/** Where the samples of a split were read: what they hold is read there again, for it is not kept in memory. */
export interface SampleSource {
  /** Samples parts, in the order they were read. */
  readonly parts: readonly string[];
  /** Index into `parts` of each sample's, (n,). */
  readonly partOf: Int32Array<ArrayBuffer>;
  /** Row of each sample in its part, (n,). */
  readonly rowOf: Int32Array<ArrayBuffer>;
  readonly counts: ContentCounts;
}

/** What stage `fold` knows of one split. */
export interface SplitSignals {
  readonly split: Split;
  readonly isOutOfSample: boolean;
  /** Row of each sample in `samples`, (n,). */
  readonly keys: BigInt64Array<ArrayBuffer>;
  readonly sampleIds: readonly string[];
  readonly source: SampleSource;
  readonly contentHashes: readonly (string | null)[];
  readonly textSignatures: Uint32Array<ArrayBuffer> | null;
  /** What was measured of texts and features; files of before it was have none. */
  readonly facts?: ContentFacts;
  readonly dynamics: DynamicsState;
  /** (n * width,), NaN rows where missing; null: none. */
  readonly embeddings: Float32Array<ArrayBuffer> | null;
  readonly width: number;
}

/** What stage `fold` leaves for stage `score`. */
export interface RunSignals {
  readonly labelNames: readonly string[];
  readonly splits: readonly SplitSignals[];
  readonly problems: readonly Problem[];
  /** Sentences on where the outputs are from; left out where a training logged them. */
  readonly notes?: readonly string[];
}

/** The signals as one file. */
export function encodeSignals(signals: RunSignals): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, StoredArray> = {};
  const splits = signals.splits.map((split, i) => {
    const { keys, source, textSignatures, embeddings, dynamics, ...rest } =
      split;
    const { facts = {}, ...meta } = rest;
    const { partOf, rowOf, ...plainSource } = source;
    const put = (name: string, array: StoredArray | null) => {
      if (array) arrays[`${i}.${name}`] = array;
    };
    put("keys", keys);
    put("partOf", partOf);
    put("rowOf", rowOf);
    put("textSignatures", textSignatures);
    put("embeddings", embeddings);
    for (const [name, values] of Object.entries(facts)) {
      put(`facts.${name}`, values as StoredArray);
    }
    const plain: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(dynamics)) {
      if (ArrayBuffer.isView(value)) {
        put(`dynamics.${name}`, value as StoredArray);
      } else plain[name] = value;
    }
    return { ...meta, source: plainSource, dynamics: plain };
  });
  return encodeArrays({ ...signals, splits }, arrays);
}

/** What {@linkcode encodeSignals} made. */
export function decodeSignals(file: Uint8Array<ArrayBuffer>): RunSignals {
  const { meta, arrays } = decodeArrays(file);
  const signals = meta as RunSignals;
  return {
    ...signals,
    splits: signals.splits.map((split, i) => {
      const dynamics: Record<string, unknown> = { ...split.dynamics };
      // JSON has no NaN: an epoch without a labelled sample has no accuracy
      dynamics.accuracy = split.dynamics.accuracy.map((a) => a ?? NaN);
      const facts: Record<string, StoredArray> = {};
      for (const [name, array] of Object.entries(arrays)) {
        const match = /^(\d+)\.(dynamics|facts)\.(\w+)$/.exec(name);
        if (!match || Number(match[1]) !== i) continue;
        if (match[2] === "facts") facts[match[3]!] = array;
        else dynamics[match[3]!] = array;
      }
      return {
        ...split,
        keys: arrays[`${i}.keys`] as BigInt64Array<ArrayBuffer>,
        source: {
          ...split.source,
          partOf: arrays[`${i}.partOf`] as Int32Array<ArrayBuffer>,
          rowOf: arrays[`${i}.rowOf`] as Int32Array<ArrayBuffer>,
        },
        textSignatures: (arrays[`${i}.textSignatures`] ?? null) as
          | Uint32Array<ArrayBuffer>
          | null,
        embeddings: (arrays[`${i}.embeddings`] ?? null) as
          | Float32Array<ArrayBuffer>
          | null,
        ...(Object.keys(facts).length > 0 &&
          { facts: facts as ContentFacts }),
        dynamics: dynamics as unknown as DynamicsState,
      };
    }),
  };
}
