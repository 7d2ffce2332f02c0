import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { selfInfluence } from "./self_influence.ts";
import { TrainingDynamics } from "./training_dynamics.ts";

for (const [nClasses, tolerance] of [[5, 1e-5], [90, 0.02]] as const) {
  Deno.test(`selfInfluence() with ${nClasses} classes is the squared length of the last layer's gradient, written out`, () => {
    const random = seededRandom(nClasses);
    const [n, width] = [12, 4];
    const labels = Int32Array.from(
      { length: n },
      (_, i) => i === 3 ? -1 : i % nClasses,
    );
    const dynamics = new TrainingDynamics({ labels, nClasses });
    const rows = Int32Array.from({ length: n }, (_, i) => i);
    let probs = new Float32Array();
    for (const epoch of [0, 1]) {
      const data = Float32Array.from(
        { length: n * nClasses },
        () => 9 * random(),
      );
      const logits = { data, rows: n, cols: nClasses };
      dynamics.beginEpoch(epoch);
      dynamics.add(rows, logits, "logits");
      dynamics.endEpoch();
      probs = Float32Array.from(softmaxRows(logits).data);
    }
    const data = Float32Array.from({ length: n * width }, () => random() - 0.5);
    const found = selfInfluence(dynamics.state, { data, rows: n, cols: width });
    for (let i = 0; i < n; i++) {
      let square = 0;
      for (let k = 0; k < nClasses; k++) {
        for (let j = 0; j < width; j++) { // gradient of the weight of unit j on class k
          const error = probs[i * nClasses + k]! - (k === labels[i] ? 1 : 0);
          square += (error * data[i * width + j]!) ** 2;
        }
      }
      if (labels[i]! < 0) assert.ok(Number.isNaN(found[i]!));
      else assert.ok(Math.abs(found[i]! - square) <= tolerance * square);
    }
  });
}

Deno.test("selfInfluence() is unknown without embeddings or epochs", () => {
  const { state } = new TrainingDynamics({
    labels: Int32Array.of(0),
    nClasses: 2,
  });
  assert.ok(Number.isNaN(selfInfluence(state, null)[0]!));
  const embeddings = { data: Float32Array.of(1), rows: 1, cols: 1 };
  assert.ok(Number.isNaN(selfInfluence(state, embeddings)[0]!));
});

Deno.test("selfInfluence() stays finite as float32", () => {
  const dynamics = new TrainingDynamics({
    labels: Int32Array.of(0),
    nClasses: 2,
  });
  dynamics.beginEpoch(0);
  const probs = { data: Float32Array.of(0.25, 0.75), rows: 1, cols: 2 };
  dynamics.add(Int32Array.of(0), probs, "probs");
  dynamics.endEpoch();
  const embeddings = { data: Float32Array.of(3e38), rows: 1, cols: 1 };
  const [influence] = selfInfluence(dynamics.state, embeddings);
  assert.ok(Number.isFinite(Math.fround(influence!)));
  assert.ok(influence! > 3e38);
});
