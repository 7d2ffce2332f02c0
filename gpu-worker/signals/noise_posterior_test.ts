import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { noisePosterior, TEMPERATURES } from "./noise_posterior.ts";

/** Scores about 1 for the true class; `flip` says what is given in its place. */
function dataset(
  n: number,
  k: number,
  flip: (truth: number, i: number) => number,
  spread = 0.25,
) {
  const normal = seededNormal(n + k);
  const truth = Array.from({ length: n }, (_, i) => (i * 7) % k);
  const data = Float32Array.from(
    truth.flatMap((t) =>
      Array.from(
        { length: k },
        (_, j) => (j === t ? 0.8 : 0.1) + spread * normal(),
      )
    ),
  );
  return {
    truth,
    scores: { data, rows: n, cols: k },
    labels: Int32Array.from(truth, flip),
  };
}

/** The formulas as they are written, every temperature in every round: noise[true][given]. */
function direct({ scores, labels }: ReturnType<typeof dataset>) {
  const { data, cols: K } = scores;
  const rows = Array.from(
    labels,
    (_, i) => Array.from(data.subarray(i * K, (i + 1) * K)),
  );
  const range = [...Array(K).keys()];
  const sum = (v: number[]) => v.reduce((a, b) => a + b, 0);
  let noise = range.map((i) => range.map((j) => i === j ? 0.9 : 0.1 / (K - 1)));
  const softmax = (v: number[], t: number) => {
    const e = v.map((x) => Math.exp(t * x));
    return e.map((x) => x / sum(e));
  };
  const posterior = (t: number) => {
    const joint = rows.map((row, i) =>
      softmax(row, t).map((p, k) => p * noise[k]![labels[i]!]!)
    );
    return {
      logLikelihood: sum(joint.map((r) => Math.log(sum(r)))),
      r: joint.map((r) => r.map((x) => x / sum(r))),
    };
  };
  const likeliest = () => {
    const all = TEMPERATURES.map((t) => posterior(t).logLikelihood);
    return TEMPERATURES[all.indexOf(Math.max(...all))]!;
  };
  for (let round = 0; round < 15; round++) {
    const { r } = posterior(likeliest());
    const counts = range.map((k) =>
      range.map((y) =>
        sum(r.filter((_, i) => labels[i] === y).map((v) => v[k]!))
      )
    );
    const off = 1 - sum(range.map((k) => counts[k]![k]!)) / sum(counts.flat());
    const prior = 2 * K * off / (K - 1);
    noise = counts.map((row, k) => {
      const others = row.map((n, y) =>
        y === k ? 0 : (n + prior) / (sum(row) + 2 * K)
      );
      return others.map((x, y) => y === k ? 1 - sum(others) : x);
    });
  }
  const temperature = likeliest();
  return {
    temperature,
    noise: noise.flat(),
    wrong: posterior(temperature).r.map((r, i) => 1 - r[labels[i]!]!),
    probs: rows.flatMap((row) => softmax(row, temperature)),
  };
}

const even = dataset(300, 4, (t, i) => i % 9 === 0 ? (t + 1 + i % 2) % 4 : t);
const cases = {
  "even noise": even,
  "one class taken for another": dataset(
    240,
    3,
    (t, i) => t === 0 && i % 4 === 0 ? 2 : t,
  ),
  "no noise": dataset(150, 5, (t) => t, 0.15),
};

for (const [name, data] of Object.entries(cases)) {
  Deno.test(`noisePosterior() agrees with the formulas: ${name}`, () => {
    const found = noisePosterior(data.scores, data.labels);
    const expected = direct(data);
    assert.equal(found.temperature, expected.temperature);
    const close = (a: ArrayLike<number>, b: number[], tolerance: number) =>
      b.forEach((x, i) =>
        assert.ok(Math.abs(a[i]! - x) < tolerance, `${i}: ${a[i]} not ${x}`)
      );
    close(found.noise, expected.noise, 1e-9);
    close(found.probs.data, expected.probs, 1e-6);
    const wrong = found.logOdds.map((z) => 1 / (1 + Math.exp(-z)));
    close(wrong, expected.wrong, 1e-9);
  });
}

Deno.test("noisePosterior() finds the noise", () => {
  const { noise, logOdds } = noisePosterior(even.scores, even.labels);
  for (let k = 0; k < 4; k++) {
    assert.ok(Math.abs(noise[k * 5]! - 8 / 9) < 0.05, `${noise[k * 5]}`);
  }
  const wrong = even.truth.map((t, i) => t === even.labels[i] ? 0 : 1);
  const hits = wrong.filter((w, i) => w === (logOdds[i]! > 0 ? 1 : 0)).length;
  assert.ok(hits >= 290, `${hits}`);
});

Deno.test("noisePosterior() leaves out rows without a label or scores, and gives their probabilities as far as there are any", () => {
  const { scores, labels } = even;
  const some = labels.map((y, i) => i >= 250 ? -1 : y);
  const data = scores.data.map((x, at) => at >= 280 * 4 ? NaN : x);
  const found = noisePosterior({ ...scores, data }, some);
  const alone = noisePosterior(
    { data: scores.data.subarray(0, 1000), rows: 250, cols: 4 },
    labels.subarray(0, 250),
  );
  assert.deepEqual(found.noise, alone.noise);
  assert.deepEqual(found.logOdds.subarray(0, 250), alone.logOdds);
  assert.ok(found.logOdds.subarray(250).every(Number.isNaN));
  assert.ok(found.probs.data.subarray(1000, 1120).every((p) => p >= 0));
  assert.ok(found.probs.data.subarray(1120).every(Number.isNaN));
});

Deno.test("noisePosterior() is defined without samples and without differences", () => {
  const none = noisePosterior(
    { data: new Float32Array(0), rows: 0, cols: 2 },
    new Int32Array(0),
  );
  assert.equal(none.logOdds.length, 0);
  assert.ok(none.noise.every(Number.isFinite));
  const flat = { data: new Float32Array(40), rows: 20, cols: 2 };
  const { logOdds, probs } = noisePosterior(
    flat,
    Int32Array.from({ length: 20 }, (_, i) => i % 2),
  );
  assert.ok(logOdds.every(Number.isFinite));
  assert.ok(probs.data.every((p) => p === 0.5));
});

Deno.test("noisePosterior() throws if there is nothing to confuse a label with", () => {
  const scores = { data: Float32Array.of(1), rows: 1, cols: 1 };
  assert.throws(() => noisePosterior(scores, Int32Array.of(0)), {
    name: "RangeError",
    message: /\(1, 2 or more\): current value is \(1, 1\)/,
  });
});

Deno.test("noisePosterior() tells progress up to 1, and stops when told to", () => {
  const shares: number[] = [];
  noisePosterior(even.scores, even.labels, {
    onProgress: (f) => shares.push(f),
  });
  assert.deepEqual(shares, shares.toSorted((a, b) => a - b));
  assert.equal(shares.at(-1), 1);
  const reason = new Error("cancelled");
  const options = { signal: AbortSignal.abort(reason) };
  assert.throws(
    () => noisePosterior(even.scores, even.labels, options),
    reason,
  );
});
