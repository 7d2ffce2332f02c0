import assert from "node:assert/strict";
import { emptyDynamics } from "../signals/dynamics_state.ts";
import { decodeSignals, encodeSignals } from "./signals_file.ts";

Deno.test("decodeSignals() gives back what encodeSignals() was given", () => {
  const dynamics = emptyDynamics(Int32Array.of(0, -1), 2);
  dynamics.epochs.push(0, 3);
  dynamics.accuracy.push(NaN, 0.5);
  const signals = {
    labelNames: ["a", "b"],
    problems: [{
      partId: "p",
      row: null,
      column: null,
      message: "m",
      nRows: 1,
    }],
    splits: [{
      split: "training" as const,
      isOutOfSample: false,
      keys: BigInt64Array.of(5n, 6n),
      sampleIds: ["x", "y"],
      source: {
        parts: ["p", "q"],
        partOf: Int32Array.of(1, 0),
        rowOf: Int32Array.of(7, 3),
        counts: { texts: 1, images: 0, imageUris: 0, features: 0 },
      },
      contentHashes: ["00", null],
      textSignatures: Uint32Array.of(1, 2),
      facts: { text_length: Float32Array.of(4, NaN) },
      dynamics,
      embeddings: Float32Array.of(1, NaN),
      width: 1,
    }],
  };
  assert.deepEqual(decodeSignals(encodeSignals(signals)), signals);
});
