import assert from "node:assert/strict";
import { confidentJoint } from "../kernels/confident_joint.ts";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { type LabelEvidence, labelEvidence } from "./label_evidence.ts";
import { viewLogOdds } from "./second_view.ts";
import { twoViewEvidence } from "./two_view_evidence.ts";

const K = 4;
const SLOPE = 2;
const SHARPNESS = 0.8;

/** Two opinions of the same labels, a tenth of them wrong. */
function made(n: number, seed: number, sharpness = 5) {
  const normal = seededNormal(seed);
  const truth = Int32Array.from({ length: n }, (_, i) => i % K);
  const labels = truth.map((y, i) => i % 10 === 3 ? (y + 1 + i % 3) % K : y);
  const opinion = (): Matrix =>
    softmaxRows({
      data: Float32Array.from(
        { length: n * K },
        (_, at) =>
          (truth[Math.floor(at / K)] === at % K ? sharpness : 0) + normal(),
      ),
      rows: n,
      cols: K,
    });
  const [meanProbs, neighbourProbs, near, probs] = [
    opinion(),
    opinion(),
    opinion(),
    opinion(),
  ];
  const margin = Float64Array.from(labels, (y, i) => {
    const row = [...meanProbs!.data.subarray(i * K, (i + 1) * K)];
    return row[y]! - Math.max(...row.filter((_, k) => k !== y));
  });
  const own = labelEvidence(labels, meanProbs!, margin, neighbourProbs!);
  const logOdds = Float64Array.from(labels, (y, i) => {
    const p = probs!.data[i * K + y]!;
    return Math.log(0.05 * (1 - p)) - Math.log(0.9 * p);
  });
  return {
    own,
    run: {
      labels,
      support: own.support,
      meanProbs: meanProbs!,
      neighbourProbs: neighbourProbs!,
    },
    view: { probe: { logOdds, probs: probs! }, neighbourProbs: near! },
  };
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const logit = (x: number) => Math.log((x + 0.003) / (1 - x + 0.003));
const clip = (x: number, most: number) => Math.max(-most, Math.min(most, x));
const mean = (v: ArrayLike<number>) =>
  Array.from(v).reduce((a, b) => a + b, 0) / v.length;
const near = (a: number, b: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} instead of ${b}`);

/** The definition, one sample after the other. */
function slow({ run, view }: ReturnType<typeof made>, g: number) {
  const z = Array.from(run.labels, (y, i) => {
    const q = [...view.neighbourProbs.data.subarray(i * K, (i + 1) * K)]
      .map((p) => Math.log(p + 1e-3));
    const l = clip(q[y]! - Math.max(...q.filter((_, k) => k !== y)), 7);
    const s = run.support[i]!;
    const lambda = clip(view.probe.logOdds[i]!, 6);
    const p = [...view.probe.probs.data.subarray(i * K, (i + 1) * K)]
      .map((x) => Math.log(x + 1e-3));
    const m = clip(p[y]! - Math.max(...p.filter((_, k) => k !== y)), 7);
    return (1 - g) * (-1.32 - 1.65 * s) +
      g * SHARPNESS *
        (-0.8 - 0.3 * SLOPE * s - 0.3 * l + 0.2 * lambda - 0.3 * m);
  });
  const plain = z.map(sigmoid);
  const pi = mean(view.probe.logOdds.map(sigmoid));
  const joint = confidentJoint(view.probe.probs, run.labels).offDiagonalShare;
  const own = logit(mean(plain));
  const rate = sigmoid(
    own + 0.5 * g * ((logit(pi) + logit(joint)) / 2 - own),
  ) - 0.003;
  const rival = Array.from(run.labels, (y, i) => {
    const votes = Array.from({ length: K }, (_, k) => {
      const ln = (m: Matrix) => Math.log(m.data[i * K + k]! + 1e-3);
      return k === y ? -Infinity : ln(run.meanProbs) +
        0.5 *
          (ln(run.neighbourProbs) + ln(view.neighbourProbs) +
            ln(view.probe.probs));
    });
    return votes.indexOf(Math.max(...votes));
  });
  return { z, rate, rival };
}

for (const weight of [1, 0.3]) {
  Deno.test(`twoViewEvidence() agrees with the definition computed one sample after the other, weight ${weight}`, () => {
    const all = made(400, 1);
    const found = twoViewEvidence(all.own, all.run, all.view, {
      weight,
      slope: SLOPE,
      sharpness: SHARPNESS,
    });
    const expected = slow(all, weight);
    expected.z.forEach((z, i) => near(found.logOdds[i]!, z));
    near(found.noiseRate!, expected.rate);
    near(mean(found.probability), expected.rate);
    assert.deepEqual([...found.rival], expected.rival);
    assert.ok(found.isCalibrated);
    assert.equal(found.support, all.own.support);
  });
}

Deno.test("twoViewEvidence() leaves log-odds and probability alone where the view does not count", () => {
  const { own, run, view } = made(200, 2);
  const found = twoViewEvidence(own, run, view, {
    weight: 0,
    slope: SLOPE,
    sharpness: SHARPNESS,
  });
  assert.deepEqual(found.logOdds, own.logOdds);
  found.probability.forEach((p, i) => near(p, own.probability[i]!));
  assert.equal(found.isCalibrated, false);
});

Deno.test("twoViewEvidence() keeps the run's own opinion where the view has none, and votes with who is left", () => {
  const { own, run, view } = made(200, 3);
  view.probe.logOdds[5] = NaN;
  view.probe.probs.data.fill(NaN, 5 * K, 6 * K);
  view.neighbourProbs.data.fill(NaN, 5 * K, 7 * K);
  run.neighbourProbs.data.fill(NaN, 7 * K, 8 * K);
  const found = twoViewEvidence(own, run, view, {
    weight: 1,
    slope: SLOPE,
    sharpness: SHARPNESS,
  });
  for (const i of [5, 6]) assert.equal(found.logOdds[i], own.logOdds[i]);
  assert.equal(found.rival[5], own.rival[5]);
  assert.ok(found.rival.every((k) => k >= 0));
  assert.notEqual(found.logOdds[7], own.logOdds[7]);
  assert.ok(viewLogOdds(run.labels, view).subarray(5, 7).every(Number.isNaN));
});

Deno.test("twoViewEvidence() suggests a label for unlabelled samples and says nothing of unmet ones", () => {
  const { run, view } = made(100, 4);
  const labels = run.labels.with(0, -1);
  run.meanProbs.data.fill(NaN, K, 2 * K);
  const own: LabelEvidence = labelEvidence(
    labels,
    run.meanProbs,
    new Float64Array(100).fill(0.5),
    run.neighbourProbs,
  );
  const now = { ...run, labels, support: own.support };
  const found = twoViewEvidence(own, now, view, {
    weight: 1,
    slope: SLOPE,
    sharpness: SHARPNESS,
  });
  assert.equal(found.rival[0], 0);
  assert.equal(found.rival[1], -1);
  for (const i of [0, 1]) {
    assert.equal(found.logOdds[i], NaN);
    assert.equal(found.probability[i], NaN);
  }
});

Deno.test("twoViewEvidence() gives no number where it is torn, where the probe finds far more, and where classes are small", () => {
  const soft = made(400, 5, 0.2);
  const small = made(60, 6);
  const torn = made(400, 7);
  const shuffled = torn.run.labels.map((y, i) => i % 3 === 0 ? (y + 1) % K : y);
  const more = {
    ...torn,
    run: { ...torn.run, labels: shuffled },
    own: { ...torn.own, logOdds: torn.own.logOdds.map(() => -4) },
    view: {
      ...torn.view,
      probe: {
        ...torn.view.probe,
        logOdds: torn.view.probe.logOdds.map(() => -6),
      },
    },
  };
  for (const { own, run, view } of [soft, small, more]) {
    const found = twoViewEvidence(own, run, view, {
      weight: 1,
      slope: SLOPE,
      sharpness: SHARPNESS,
    });
    assert.equal(found.noiseRate, null);
    assert.equal(found.isCalibrated, false);
    assert.ok(found.probability.every((p) => p >= 0 && p <= 1));
  }
});
