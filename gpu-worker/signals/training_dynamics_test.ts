import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { probMatrix } from "../kernels/prob_rows.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { dynamicsResult } from "./dynamics_result.ts";
import { lastProbsOf } from "./dynamics_state.ts";
import { TrainingDynamics } from "./training_dynamics.ts";

const N = 30;
const K = 3;

function randomRun(nEpochs: number, seed: number) {
  const random = seededRandom(seed);
  const labels = Int32Array.from(
    { length: N },
    (_, i) => i % 7 === 6 ? -1 : Math.floor(random() * K),
  );
  const epochs = Array.from(
    { length: nEpochs },
    () =>
      Array.from(
        { length: N },
        () => Array.from({ length: K }, () => Math.fround(6 * random() - 3)),
      ),
  );
  return { labels, epochs };
}

function matrix(rows: number[][], cols = K): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, cols };
}

function fold(labels: Int32Array, epochs: number[][][]) {
  const dynamics = new TrainingDynamics({ labels, nClasses: K });
  epochs.forEach((rows, epoch) => {
    dynamics.beginEpoch(epoch);
    for (let start = 0; start < N; start += 8) { // batches
      const ids = Int32Array.from(rows.keys()).subarray(start, start + 8);
      dynamics.add(ids, matrix(rows.slice(start, start + 8)), "logits");
    }
    dynamics.endEpoch();
  });
  return dynamics;
}

function softmax(z: number[]): number[] {
  const e = z.map((x) => Math.exp(x - Math.max(...z)));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
}

/** Everything at once, by the definitions. */
function slow(labels: Int32Array, epochs: number[][][]) {
  const probs = epochs.map((rows) => rows.map(softmax));
  const best = (v: number[], y: number) =>
    Math.max(...v.filter((_, k) => k !== y));
  const predicted = epochs.map((rows) =>
    rows.map((z) => z.indexOf(Math.max(...z)))
  );
  const known = [...labels.keys()].filter((i) => labels[i]! >= 0);
  const accuracy = predicted.map((p) =>
    known.filter((i) => p[i] === labels[i]).length / known.length
  );
  const weights = accuracy.map((a) => a ** 3 * (1 - a) + 1e-4);
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
  return Array.from(labels, (y, i) => {
    const p = probs.map((e) => e[i]!);
    const meanProbs = p[0]!.map((_, k) =>
      p.reduce((sum, e, t) => sum + weights[t]! * e[k]!, 0) / total
    );
    if (y < 0) return { meanProbs };
    const own = p.map((e) => e[y]!);
    const right = predicted.map((e) => e[i] === y);
    return {
      meanProbs,
      margin: p.reduce((sum, e, t) =>
        sum + weights[t]! * (e[y]! - best(e, y)), 0) / total,
      aum: mean(epochs.map((e) =>
        e[i]![y]! - best(e[i]!, y)
      )),
      confidence: mean(own),
      variability: Math.sqrt(mean(own.map((c) => (c - mean(own)) ** 2))),
      correctness: mean(right.map(Number)),
      forgotten: right.filter((r, t) => t > 0 && right[t - 1] && !r).length,
      learned: right.indexOf(true),
      el2n: Math.hypot(...p[1]!.map((x, k) => x - (k === y ? 1 : 0))),
      last: own.at(-1)!,
    };
  });
}

const near = (a: number, b: number) =>
  assert.ok(Math.abs(a - b) < 1e-5, `${a} instead of ${b}`);

Deno.test("TrainingDynamics agrees with computing everything at once", () => {
  const { labels, epochs } = randomRun(6, 1);
  const result = dynamicsResult(fold(labels, epochs).state);
  slow(labels, epochs).forEach((expected, i) => {
    expected.meanProbs.forEach((p, k) =>
      near(probMatrix(result.meanProbs).data[i * K + k]!, p)
    );
    if (expected.margin === undefined) {
      assert.equal(result.meanMargin[i], NaN);
      assert.equal(result.confidence[i], NaN);
      return;
    }
    near(result.meanMargin[i]!, expected.margin);
    near(result.areaUnderMargin[i]!, expected.aum);
    near(result.confidence[i]!, expected.confidence);
    near(result.variability[i]!, expected.variability);
    near(result.correctness[i]!, expected.correctness);
    near(result.el2n[i]!, expected.el2n);
    near(result.lastConfidence[i]!, expected.last);
    assert.equal(result.forgettingEvents[i], expected.forgotten);
    assert.equal(result.firstLearnedEpoch[i], expected.learned);
  });
});

Deno.test("TrainingDynamics goes on from a stored state as if it had never stopped", () => {
  const { labels, epochs } = randomRun(5, 2);
  const whole = fold(labels, epochs);
  const stored = structuredClone(fold(labels, epochs.slice(0, 3)).state);
  const later = new TrainingDynamics(stored);
  epochs.slice(3).forEach((rows, i) => {
    later.beginEpoch(3 + i);
    later.add(Int32Array.from(rows.keys()), matrix(rows), "logits");
    later.endEpoch();
  });
  assert.deepEqual(later.state, whole.state);
});

Deno.test("TrainingDynamics takes the mean of a sample met twice in an epoch", () => {
  const labels = Int32Array.of(0, 1);
  const dynamics = new TrainingDynamics({ labels, nClasses: 2 });
  dynamics.beginEpoch(0);
  dynamics.add(Int32Array.of(0, 0), matrix([[1, 0], [0.5, 0.5]], 2), "probs");
  dynamics.add(Int32Array.of(1), matrix([[0, 1]], 2), "probs");
  dynamics.endEpoch();
  const { meanProbs, confidence, epochsSeen } = dynamicsResult(dynamics.state);
  [0.75, 0.25, 0, 1].forEach((p, j) => near(probMatrix(meanProbs).data[j]!, p));
  assert.equal(confidence[0], 0.75);
  assert.deepEqual(epochsSeen, Uint16Array.of(1, 1));
});

Deno.test("TrainingDynamics keeps own weight sums of a sample missing from an epoch", () => {
  const labels = Int32Array.of(0, 0);
  const dynamics = new TrainingDynamics({ labels, nClasses: 2 });
  const say = (epoch: number, rows: number[], probs: number[][]) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(Int32Array.from(rows), matrix(probs, 2), "probs");
    dynamics.endEpoch();
  };
  say(0, [0, 1], [[0.75, 0.25], [0.25, 0.75]]);
  say(3, [0], [[0.25, 0.75]]);
  const result = dynamicsResult(dynamics.state);
  assert.deepEqual(result.epochsSeen, Uint16Array.of(2, 1));
  assert.equal(probMatrix(result.meanProbs).data[2], 0.25);
  assert.equal(result.confidence[0], 0.5);
  assert.deepEqual(result.lastPrediction, Int32Array.of(1, 1));
  assert.deepEqual(result.epochs, [0, 3]);
  assert.deepEqual(result.accuracy, [0.5, 0]);
  assert.equal(result.forgettingEvents[0], 1);
});

Deno.test("TrainingDynamics gives the area under the margin from probabilities as from logits", () => {
  const { labels, epochs } = randomRun(3, 3);
  const byLogits = dynamicsResult(fold(labels, epochs).state);
  const dynamics = new TrainingDynamics({ labels, nClasses: K });
  epochs.forEach((rows, epoch) => {
    dynamics.beginEpoch(epoch);
    dynamics.add(
      Int32Array.from(rows.keys()),
      matrix(rows.map(softmax)),
      "probs",
    );
    dynamics.endEpoch();
  });
  const byProbs = dynamicsResult(dynamics.state);
  byLogits.areaUnderMargin.forEach((a, i) => {
    if (labels[i]! >= 0) near(byProbs.areaUnderMargin[i]!, a);
  });
});

Deno.test("TrainingDynamics skips and counts rows that are no outputs", () => {
  const labels = Int32Array.of(0, 0, 0, 0);
  const dynamics = new TrainingDynamics({ labels, nClasses: 2 });
  dynamics.beginEpoch(0);
  dynamics.add(
    Int32Array.of(0, 1),
    matrix([[NaN, 0], [Infinity, 0]], 2),
    "logits",
  );
  dynamics.add(Int32Array.of(2, 3), matrix([[-1, 2], [0, 0]], 2), "probs");
  dynamics.endEpoch();
  assert.equal(dynamics.state.nSkippedRows, 4);
  const { epochsSeen, accuracy, meanProbs } = dynamicsResult(dynamics.state);
  assert.ok(epochsSeen.every((n) => n === 0));
  assert.deepEqual(accuracy, [NaN]);
  assert.ok(probMatrix(meanProbs).data.every(Number.isNaN));
});

Deno.test("TrainingDynamics reads -Infinity as a masked class and stays finite", () => {
  const dynamics = new TrainingDynamics({
    labels: Int32Array.of(0),
    nClasses: 2,
  });
  dynamics.beginEpoch(0);
  dynamics.add(Int32Array.of(0), matrix([[-Infinity, 0]], 2), "logits");
  dynamics.endEpoch();
  const { areaUnderMargin, confidence } = dynamicsResult(dynamics.state);
  assert.ok(Number.isFinite(areaUnderMargin[0]));
  assert.equal(confidence[0], 0);
});

Deno.test("TrainingDynamics forgets an epoch that was never ended", () => {
  const { labels, epochs } = randomRun(2, 4);
  const whole = fold(labels, epochs);
  const dynamics = fold(labels, epochs.slice(0, 1));
  dynamics.beginEpoch(1);
  dynamics.add(Int32Array.of(0, 1), matrix([[9, 9, 9], [NaN, 0, 0]]), "logits");
  dynamics.beginEpoch(1);
  dynamics.add(
    Int32Array.from(epochs[1]!.keys()),
    matrix(epochs[1]!),
    "logits",
  );
  dynamics.endEpoch();
  assert.deepEqual(dynamics.state, whole.state);
});

Deno.test("TrainingDynamics throws on rows, shapes, labels and order that cannot be", () => {
  const dynamics = new TrainingDynamics({
    labels: Int32Array.of(0),
    nClasses: 2,
  });
  const one = matrix([[1, 0]], 2);
  assert.throws(
    () => dynamics.add(Int32Array.of(0), one, "probs"),
    /no epoch is open/,
  );
  assert.throws(() => dynamics.endEpoch(), /no epoch is open/);
  dynamics.beginEpoch(4);
  assert.throws(
    () => dynamics.add(Int32Array.of(1), one, "probs"),
    /current value is 1/,
  );
  assert.throws(
    () => dynamics.add(Int32Array.of(-1), one, "probs"),
    RangeError,
  );
  assert.throws(
    () => dynamics.add(Int32Array.of(0), matrix([[1]], 1), "probs"),
    RangeError,
  );
  dynamics.endEpoch();
  assert.throws(() => dynamics.beginEpoch(4), /must come after 4/);
  assert.throws(
    () => new TrainingDynamics({ labels: Int32Array.of(2), nClasses: 2 }),
    /labels\[0\]/,
  );
});

Deno.test("TrainingDynamics of more classes than slots agrees with computing everything at once, but for what is hardly likely", () => {
  const random = seededRandom(11);
  const nClasses = 300;
  const labels = Int32Array.from({ length: 12 }, (_, i) => 20 * i);
  // a tenth of the classes are ever likely; the label is not always among them
  const epochs = Array.from(
    { length: 4 },
    () =>
      Array.from(
        labels,
        (y) =>
          Array.from({ length: nClasses }, (_, k) =>
            Math.fround(
              (k % 10 === 3 ? 9 * random() : -4) +
                (k === y ? 8 * random() : 0),
            )),
      ),
  );
  const dynamics = new TrainingDynamics({ labels, nClasses });
  epochs.forEach((rows, epoch) => {
    dynamics.beginEpoch(epoch);
    // each sample twice: the mean of two equal rows is the row
    for (let twice = 0; twice < 2; twice++) {
      dynamics.add(
        Int32Array.from(labels.keys()),
        matrix(rows, nClasses),
        "logits",
      );
    }
    dynamics.endEpoch();
  });
  assert.equal(dynamics.state.weightedProbs.length, 12 * 64);
  const result = dynamicsResult(dynamics.state);
  slow(labels, epochs).forEach((expected, i) => {
    const start = i * nClasses;
    const mean = probMatrix(result.meanProbs).data.subarray(
      start,
      start + nClasses,
    );
    expected.meanProbs.forEach((p, k) => near(mean[k]!, p));
    near(mean.reduce((a, b) => a + b, 0), 1);
    near(result.meanMargin[i]!, expected.margin!);
    near(result.areaUnderMargin[i]!, expected.aum!);
    near(result.confidence[i]!, expected.confidence!);
    near(result.el2n[i]!, expected.el2n!);
    const predicted = epochs.map((rows) =>
      rows[i]!.indexOf(Math.max(...rows[i]!))
    );
    assert.equal(
      result.predictionCount(i, predicted[0]!),
      predicted.filter((k) => k === predicted[0]).length,
    );
    assert.equal(result.lastPrediction[i], predicted.at(-1));
  });
});

Deno.test("TrainingDynamics keeps the probabilities of the last epoch each sample was met in", () => {
  for (const nClasses of [3, 100]) {
    const dynamics = new TrainingDynamics({
      labels: Int32Array.of(0, 1, 2),
      nClasses,
    });
    const rowOf = (k: number) =>
      Array.from(
        { length: nClasses },
        (_, j) => j === k ? 0.75 : 0.25 / (nClasses - 1),
      );
    [[0, 1], [1]].forEach((met, epoch) => {
      dynamics.beginEpoch(epoch);
      dynamics.add(
        Int32Array.from(met),
        matrix(met.map((i) => rowOf(i + epoch)), nClasses),
        "probs",
      );
      dynamics.endEpoch();
    });
    const last = lastProbsOf(dynamics.state)!;
    assert.deepEqual(
      [0, 1, 2].map((i) => last.argmax(i)).slice(0, 2),
      [0, 2],
    );
    near(last.sumOf(1, 2), 0.75);
    assert.equal(last.sumOf(2, 2), 0);
  }
});
