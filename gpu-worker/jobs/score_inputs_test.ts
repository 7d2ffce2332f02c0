// deno-lint-ignore-file camelcase -- facts are keys
import assert from "node:assert/strict";
import type { SplitSignals } from "../codecs/signals_file.ts";
import { TrainingDynamics } from "../signals/training_dynamics.ts";
import { scoreInputs } from "./score_inputs.ts";

function split(name: SplitSignals["split"], n: number): SplitSignals {
  const labels = new Int32Array(n);
  return {
    split: name,
    isOutOfSample: false,
    keys: new BigInt64Array(n),
    sampleIds: Array.from({ length: n }, (_, i) => `${name} ${i}`),
    source: {
      parts: [],
      partOf: new Int32Array(n),
      rowOf: new Int32Array(n),
      counts: { texts: 0, images: n, imageUris: 0, features: 0 },
    },
    contentHashes: Array(n).fill(null),
    textSignatures: null,
    dynamics: new TrainingDynamics({ labels, nClasses: 2 }).state,
    embeddings: null,
    width: 0,
  };
}

const FOLDED = {
  labelNames: ["a", "b"],
  splits: [split("training", 2), split("test", 1)],
  problems: [],
};
const NOTHING = { views: [], problems: [], notes: [] };

Deno.test("scoreInputs() gives each split its own rows of what was seen", () => {
  const { splits } = scoreInputs(FOLDED, {
    ...NOTHING,
    views: [{
      name: "image",
      features: { data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, cols: 2 },
    }],
    facts: { image_width: Float32Array.of(10, NaN, 30) },
    imageHashes: Uint32Array.of(1, 2, 0, 0, 5, 6),
  });
  const [training, test] = splits;
  assert.deepEqual(training!.views![0]!.features.data.length, 4);
  assert.deepEqual([...test!.views![0]!.features.data], [5, 6]);
  assert.deepEqual([...training!.facts!.image_width!], [10, NaN]);
  assert.deepEqual([...test!.facts!.image_width!], [30]);
  assert.deepEqual([...training!.imageHashes!], [1, 2, 0, 0]);
  assert.deepEqual([...test!.imageHashes!], [5, 6]);
});

Deno.test("scoreInputs() joins what was measured of texts and of images", () => {
  const text_length = Float32Array.of(3, 4);
  const [training] = scoreInputs({
    ...FOLDED,
    splits: [{ ...split("training", 2), facts: { text_length } }],
  }, { ...NOTHING, facts: { image_width: Float32Array.of(10, 20) } }).splits;
  assert.deepEqual(training!.facts, {
    text_length,
    image_width: Float32Array.of(10, 20),
  });
});

Deno.test("scoreInputs() leaves out what was not looked at", () => {
  for (const found of scoreInputs(FOLDED, NOTHING).splits) {
    assert.ok(!("facts" in found) && !("imageHashes" in found));
    assert.deepEqual(found.views, []);
  }
});
