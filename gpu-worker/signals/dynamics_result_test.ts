import assert from "node:assert/strict";
import { neighbourRows } from "../kernels/neighbour_mean.ts";
import { probMatrix, type ProbRows, probRows } from "../kernels/prob_rows.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { dynamicsResult } from "./dynamics_result.ts";
import { classSumsOf } from "./dynamics_state.ts";
import { TrainingDynamics } from "./training_dynamics.ts";

const N = 40;

/** A folded training whose last sample no epoch met. */
function made(nClasses: number) {
  const random = seededRandom(nClasses);
  const labels = Int32Array.from(
    { length: N },
    (_, i) => i % 5 === 0 ? -1 : Math.floor(random() * nClasses),
  );
  const dynamics = new TrainingDynamics({ labels, nClasses });
  for (let epoch = 0; epoch < 3; epoch++) {
    dynamics.beginEpoch(epoch);
    dynamics.add(Int32Array.from({ length: N - 1 }, (_, i) => i), {
      data: Float32Array.from(
        { length: (N - 1) * nClasses },
        () => 8 * random() ** 4,
      ),
      rows: N - 1,
      cols: nClasses,
    }, "logits");
    dynamics.endEpoch();
  }
  return { random, state: dynamics.state };
}

for (const nClasses of [2, 64, 100]) {
  Deno.test(`mean probabilities of ${nClasses} classes are the sums, spread and divided, through every door`, () => {
    const { state } = made(nClasses);
    const mean = dynamicsResult(state).meanProbs as ProbRows;
    const sums = classSumsOf(state);
    const out = new Float32Array(nClasses);
    for (let row = 0; row < N; row++) {
      sums.spread(row, state.weightSum[row]!, out, 0);
      const expected = out.map((sum) => sum / state.weightSum[row]!);
      const read = new Float32Array(nClasses);
      mean.read(row, read);
      assert.deepEqual(read, expected);
      const added = new Float64Array(nClasses);
      const rest = mean.addTo(row, 0.5, added);
      expected.forEach((p, k) => {
        assert.equal(mean.get(row, k), p);
        if (row === N - 1) assert.equal(added[k], 0);
        else assert.ok(Math.abs(added[k]! + rest - p / 2) < 1e-15);
      });
      assert.equal(Number.isNaN(rest), row === N - 1);
    }
  });

  Deno.test(`means over neighbours of ${nClasses} classes are those of whole rows`, () => {
    const { random, state } = made(nClasses);
    const { meanProbs } = dynamicsResult(state);
    const k = 6;
    const neighbours = Int32Array.from(
      { length: N * k },
      () => Math.floor(random() * (N + 1)) - 1,
    );
    neighbours.fill(-1, 0, k);
    const similarities = Float32Array.from(neighbours, () => 2 * random() - 1);
    const whole = probMatrix(
      neighbourRows(neighbours, similarities, k, probMatrix(meanProbs)),
    );
    const rows = neighbourRows(neighbours, similarities, k, meanProbs);
    const read = probMatrix(rows);
    const most = nClasses > 64 ? 1e-9 : 0; // whole rows are added class by class
    whole.data.forEach((p, at) => {
      const found = read.data[at]!;
      if (Number.isNaN(p)) assert.ok(Number.isNaN(found));
      else assert.ok(Math.abs(found - p) <= most, `${found} for ${p}`);
    });
    assert.ok(Number.isNaN(rows.get(0, 0)));
    const sums = new Float64Array(nClasses);
    assert.ok(Number.isNaN(rows.addTo(0, 1, sums)));
    assert.equal(rows.addTo(1, 1, sums), 0);
    sums.forEach((p, c) => assert.equal(p, rows.get(1, c)));
    assert.equal(probRows(rows), rows);
  });
}
