import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { probMatrix, probRows } from "../kernels/prob_rows.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { fourierMap } from "./fourier_map.ts";
import { leaveOneOutRidge, leftOutScores } from "./leave_one_out_ridge.ts";
import { type LeftOutProbe, leftOutProbe } from "./left_out_probe.ts";
import { noisePosterior } from "./noise_posterior.ts";

/** Classes at the corners of a simplex, with labels that turn over every `wrongEach` rows. */
function corners(n: number, k: number, seed: number, wrongEach = 10) {
  const normal = seededNormal(seed);
  const truth = Int32Array.from({ length: n }, (_, i) => i % k);
  const data = Float32Array.from(
    { length: n * k },
    (_, at) => (truth[Math.floor(at / k)] === at % k ? 3 : 0) + 0.6 * normal(),
  );
  return {
    features: { data, rows: n, cols: k } satisfies Matrix,
    labels: truth.map((y, i) => i % wrongEach === 3 ? (y + 1) % k : y),
    isWrong: Array.from(truth, (_, i) => i % wrongEach === 3),
  };
}

/** Inside and outside of a circle: no line tells them apart. */
function rings(n: number) {
  const normal = seededNormal(9);
  const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
  const data = [...labels].flatMap((y) => {
    const [a, b] = [normal(), normal()];
    const radius = (1 + 2 * y) / Math.hypot(a, b);
    return [a * radius, b * radius];
  });
  return {
    features: { data: Float32Array.from(data), rows: n, cols: 2 },
    labels,
  };
}

/** What a probe says, with all its probabilities. */
const held = (probe: LeftOutProbe | null) => ({
  ...probe!,
  probs: probMatrix(probe!.probs),
});

const topOf = (values: Float64Array, n: number) =>
  [...values.keys()].sort((a, b) => values[b]! - values[a]!).slice(0, n);

/** A side of a plane in 20 dimensions: lines do better than few random features. */
function sides(n: number) {
  const normal = seededNormal(8);
  const data = Float32Array.from({ length: 20 * n }, () => normal());
  return {
    features: { data, rows: n, cols: 20 },
    labels: Int32Array.from(
      { length: n },
      (_, i) => data[20 * i]! > 0 ? 1 : 0,
    ),
  };
}

for (
  const [name, isKernel, data] of [["lines", false, sides(90)], [
    "random features",
    true,
    rings(90),
  ]] as const
) {
  Deno.test(`leftOutProbe() is the noise posterior of leave-one-out ridge, here on ${name}`, async () => {
    const { features, labels } = data;
    const map = isKernel
      ? fourierMap(features, Int32Array.from(labels.keys()))
      : null;
    const inputs = { features, map, labels, nClasses: 2 };
    const scores = await leftOutScores(inputs, await leaveOneOutRidge(inputs));
    const expected = noisePosterior(scores, labels);
    const probe = (await leftOutProbe(features, labels, 2))!;
    assert.equal(probe.isKernel, isKernel);
    assert.deepEqual(probe.logOdds, expected.logOdds);
    assert.deepEqual(probe.probs, expected.probs);
  });
}

Deno.test("leftOutProbe() ranks wrong labels first", async () => {
  const { features, labels, isWrong } = corners(300, 3, 2);
  const { logOdds } = (await leftOutProbe(features, labels, 3))!;
  const hits = topOf(logOdds, 30).filter((i) => isWrong[i]).length;
  assert.ok(hits >= 29, `${hits} of 30`);
});

Deno.test("leftOutProbe() learns from random features where lines do not do", async () => {
  const { features, labels } = rings(400);
  labels[10] = 1;
  const { isKernel, probs, logOdds } = held(
    await leftOutProbe(features, labels, 2),
  );
  assert.ok(isKernel);
  assert.equal(topOf(logOdds, 1)[0], 10);
  const right = labels.filter((y, i) => probs.data[2 * i + y]! > 0.5).length;
  assert.ok(right >= 396, `${right} of 400`);
});

Deno.test("leftOutProbe() says the same whatever a sample's own label is", async () => {
  const { features, labels } = corners(90, 3, 3);
  const inputs = (y: Int32Array) => ({
    features,
    map: null,
    labels: y,
    nClasses: 3,
  });
  const other = labels.with(5, (labels[5]! + 1) % 3);
  const scores = await Promise.all(
    [labels, other].map(async (y) => {
      const fit = await leaveOneOutRidge(inputs(y));
      return (await leftOutScores(inputs(y), fit)).data.subarray(15, 18);
    }),
  );
  scores[0]!.forEach((x, k) => assert.ok(Math.abs(x - scores[1]![k]!) < 1e-4));
});

Deno.test("leftOutProbe() speaks of unlabelled rows, not of unknown ones, and only of classes that occur", async () => {
  const { features, labels } = corners(60, 3, 4);
  labels[0] = -1;
  features.data.fill(NaN, 3, 6);
  const probe = await leftOutProbe(
    features,
    labels.map((y) => y < 0 ? y : 3 * y + 1),
    9,
  );
  const { logOdds, probs } = held(probe);
  const rows = probRows(probe!.probs);
  for (const row of [0, 1]) {
    const sums = new Float64Array(9);
    const isUnknown = Number.isNaN(probs.data[9 * row]!);
    assert.equal(rows.addTo(row, 1, sums), isUnknown ? NaN : 0);
    for (let k = 0; k < 9; k++) {
      assert.equal(rows.get(row, k), probs.data[9 * row + k]);
      assert.equal(sums[k], isUnknown ? 0 : probs.data[9 * row + k]);
    }
  }
  assert.equal(logOdds[0], NaN);
  assert.equal(logOdds[1], NaN);
  assert.ok(probs.data.subarray(9, 18).every(Number.isNaN));
  assert.equal(
    probs.data.subarray(0, 9).indexOf(Math.max(...probs.data.subarray(0, 9))),
    1,
  );
  const used = probs.data.filter((_, at) => at % 9 % 3 === 1);
  const absent = probs.data.filter((_, at) => at % 9 % 3 !== 1);
  assert.ok(absent.every((p) => Number.isNaN(p) || p === 0));
  assert.equal(used.filter(Number.isNaN).length, 3);
});

Deno.test("leftOutProbe() is deterministic and gives numbers on what is hardly a dataset", async () => {
  const small = (n: number, cols: number, k: number) => {
    const normal = seededNormal(n + cols);
    return {
      features: {
        data: Float32Array.from({ length: n * cols }, () => normal()),
        rows: n,
        cols,
      },
      labels: Int32Array.from({ length: n }, (_, i) => i % k),
    };
  };
  const cases = {
    "two samples": small(2, 3, 2),
    "fewer rows than columns": small(9, 40, 2),
    "a class each": small(6, 2, 6),
    "more columns than are regressed on": small(40, 2049, 2),
  };
  for (const [name, { features, labels }] of Object.entries(cases)) {
    const probe = held(await leftOutProbe(features, labels, 8));
    const again = held(await leftOutProbe(features, labels, 8));
    assert.deepEqual(again, probe, name);
    assert.ok(probe.logOdds.every(Number.isFinite), name);
    assert.ok(probe.probs.data.every((p) => p >= 0 && p <= 1), name);
  }
  const { features } = small(4, 2, 2);
  assert.equal(await leftOutProbe(features, new Int32Array(4), 2), null);
  assert.equal(
    await leftOutProbe(features, new Int32Array(4).fill(-1), 2),
    null,
  );
  assert.equal(
    await leftOutProbe(small(2, 0, 2).features, Int32Array.of(0, 1), 2),
    null,
  );
});

Deno.test("leftOutProbe() reports growing progress up to 1, and stops when told to", async () => {
  const { features, labels } = corners(60, 2, 5);
  const fractions: number[] = [];
  await leftOutProbe(features, labels, 2, {
    onProgress: (f) => fractions.push(f),
  });
  assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
  assert.ok(Math.abs(fractions.at(-1)! - 1) < 1e-9);
  const reason = new Error("cancelled");
  await assert.rejects(
    leftOutProbe(features, labels, 2, { signal: AbortSignal.abort(reason) }),
    reason,
  );
});

Deno.test("leftOutProbe() of more classes than slots says what regression on all of them would", async () => {
  const { features, labels } = corners(1000, 100, 6, 13);
  labels[2] = -1;
  const { logOdds, probs, isKernel } = held(
    await leftOutProbe(features, labels, 100),
  );
  const inputs = {
    features,
    map: isKernel
      ? fourierMap(
        features,
        Int32Array.from(labels.keys()).filter((i) => labels[i]! >= 0),
      )
      : null,
    labels,
    nClasses: 100,
  };
  const scores = await leftOutScores(inputs, await leaveOneOutRidge(inputs));
  const whole = noisePosterior(scores, labels);
  logOdds.forEach((z, i) => {
    if (i === 2) assert.ok(Number.isNaN(z));
    else {assert.ok(
        Math.abs(z - whole.logOdds[i]!) < 0.05,
        `${i}: ${z} for ${whole.logOdds[i]}`,
      );}
  });
  probs.data.forEach((p, at) =>
    assert.ok(Math.abs(p - whole.probs.data[at]!) < 2e-3) // where 64 classes are all as likely
  );
});
