import assert from "node:assert/strict";
import type { Matrix } from "../kernels/matrix.ts";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { softmaxRows } from "../kernels/softmax_rows.ts";
import { viewLogOdds, viewWeight } from "./second_view.ts";

const K = 2;
const N = 400;

/** A run that is right of all but a tenth of the labels, and a view that agrees with it as far as it is not noise. */
function made(viewNoise: number) {
  const normal = seededNormal(5);
  const labels = Int32Array.from({ length: N }, (_, i) => i % K);
  const isWrong = Array.from(labels, (_, i) => i % 10 < 1);
  const opinion = (noise: number): Matrix =>
    softmaxRows({
      data: Float32Array.from({ length: N * K }, (_, at) => {
        const row = Math.floor(at / K);
        const isOwn = (labels[row] === at % K) !== isWrong[row];
        return (isOwn ? 4 : 0) + noise * normal();
      }),
      rows: N,
      cols: K,
    });
  const near = opinion(viewNoise);
  const probs = opinion(viewNoise);
  return {
    run: {
      labels,
      support: Float64Array.from(
        isWrong,
        (wrong) => (wrong ? -2 : 2) + 0.3 * normal(),
      ),
      meanProbs: opinion(0.5),
      neighbourProbs: opinion(0.5),
    },
    view: {
      probe: {
        logOdds: Float64Array.from(
          labels,
          (y, i) => Math.log(1 / probs.data[i * K + y]! - 1),
        ),
        probs,
      },
      neighbourProbs: near,
    },
  };
}

/** A probe that is never right, whatever it says of given labels: only agreement counts. */
function neverRight<T extends ReturnType<typeof made>>({ run, view }: T) {
  const data = Float32Array.from(
    { length: N * K },
    (_, at) => run.labels[Math.floor(at / K)] === at % K ? 0 : 1,
  );
  const probs = { data, rows: N, cols: K };
  return { run, view: { ...view, probe: { ...view.probe, probs } } };
}

Deno.test("viewLogOdds() clips margins and log-odds", () => {
  const view = (p: number, logOdds: number) => ({
    probe: {
      logOdds: Float64Array.of(logOdds),
      probs: { data: Float32Array.of(1, 0), rows: 1, cols: 2 },
    },
    neighbourProbs: { data: Float32Array.of(p, 1 - p), rows: 1, cols: 2 },
  });
  const of = (p: number, logOdds: number) =>
    viewLogOdds(Int32Array.of(0), view(p, logOdds))[0]!;
  assert.equal(of(0.5, 2), 0.82);
  assert.equal(of(0.5, 99), 0.41 * 6);
  const margin = Math.log(0.751) - Math.log(0.251);
  assert.ok(Math.abs(of(0.75, 0) + 0.46 * margin) < 1e-12);
  assert.ok(of(1, 0) < -0.46 * 6.9 && of(1, 0) >= -0.46 * 7);
});

Deno.test("viewWeight() is 1 where the probe is as accurate as the run's neighbours", () => {
  const { run, view } = made(0.5);
  assert.equal(viewWeight(run, view), 1);
  const apart = { ...run, support: run.support.map((s) => -s) };
  assert.equal(viewWeight(apart, view), 1);
});

Deno.test("viewWeight() follows the correlation of both opinions where the probe is worse", () => {
  const weights = [0.5, 1, 1.5, 1.7, 2, 20].map((noise) => {
    const { run, view } = neverRight(made(noise));
    const against = viewLogOdds(run.labels, view);
    const mean = (v: Float64Array) => v.reduce((a, b) => a + b, 0) / N;
    const [ms, ma] = [mean(run.support), mean(against)];
    const cross = mean(
      run.support.map((s, i) => (s - ms) * (ma - against[i]!)),
    );
    const r = cross / Math.sqrt(
      mean(run.support.map((s) => (s - ms) ** 2)) *
        mean(against.map((a) => (a - ma) ** 2)),
    );
    const expected = Math.max(0, Math.min(1, (r - 0.7) / 0.1));
    const weight = viewWeight(run, view);
    assert.ok(Math.abs(weight - expected) < 1e-9, `${weight}: ${expected}`);
    return weight;
  });
  assert.equal(weights[0], 1);
  assert.equal(weights.at(-1), 0);
  assert.ok(weights.some((w) => w > 0 && w < 1), weights.join());
});

Deno.test("viewWeight() is 0 without samples of which both speak, and where support is constant", () => {
  const { run, view } = neverRight(made(0.5));
  assert.equal(
    viewWeight({ ...run, labels: run.labels.map(() => -1) }, view),
    0,
  );
  assert.equal(
    viewWeight({ ...run, support: run.support.map(() => NaN) }, view),
    0,
  );
  assert.equal(
    viewWeight({ ...run, support: run.support.map(() => 1) }, view),
    0,
  );
});

Deno.test("viewWeight() takes the run's own probabilities where it has no neighbours", () => {
  const { run, view } = neverRight(made(20));
  const wrong = { ...run.meanProbs, data: view.probe.probs.data };
  assert.equal(viewWeight({ ...run, neighbourProbs: null }, view), 0);
  assert.equal(
    viewWeight({ ...run, neighbourProbs: null, meanProbs: wrong }, view),
    1,
  );
});
