import type { Split } from "@shared/types/part.ts";
import { decodeArrays, encodeArrays, type StoredArray } from "./array_file.ts";
import type { Problem } from "./problems.ts";
import type { DynamicsState } from "../signals/dynamics_state.ts";

/** What stage `fold` knows of one split. */
export interface SplitSignals {
  readonly split: Split;
  readonly isOutOfSample: boolean;
  /** Row of each sample in `samples`, (n,). */
  readonly keys: BigInt64Array<ArrayBuffer>;
  readonly sampleIds: readonly string[];
  readonly contentHashes: readonly (string | null)[];
  readonly textSignatures: Uint32Array<ArrayBuffer> | null;
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
}

/** The signals as one file. */
export function encodeSignals(signals: RunSignals): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, StoredArray> = {};
  const splits = signals.splits.map((split, i) => {
    const { keys, textSignatures, embeddings, dynamics, ...meta } = split;
    const put = (name: string, array: StoredArray | null) => {
      if (array) arrays[`${i}.${name}`] = array;
    };
    put("keys", keys);
    put("textSignatures", textSignatures);
    put("embeddings", embeddings);
    const plain: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(dynamics)) {
      if (ArrayBuffer.isView(value)) {
        put(`dynamics.${name}`, value as StoredArray);
      } else plain[name] = value;
    }
    return { ...meta, dynamics: plain };
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
      for (const [name, array] of Object.entries(arrays)) {
        const match = /^(\d+)\.dynamics\.(\w+)$/.exec(name);
        if (match && Number(match[1]) === i) dynamics[match[2]!] = array;
      }
      return {
        ...split,
        keys: arrays[`${i}.keys`] as BigInt64Array<ArrayBuffer>,
        textSignatures: (arrays[`${i}.textSignatures`] ?? null) as
          | Uint32Array<ArrayBuffer>
          | null,
        embeddings: (arrays[`${i}.embeddings`] ?? null) as
          | Float32Array<ArrayBuffer>
          | null,
        dynamics: dynamics as unknown as DynamicsState,
      };
    }),
  };
}
