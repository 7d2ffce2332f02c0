import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { viewSharpness } from "./second_view_sharpness.ts";

const N = 500;

/** A run whose support follows a probe's margins, and its log-odds by `share`. */
function made(share: number, seed = 3) {
  const normal = seededNormal(seed);
  const some = () => Float64Array.from({ length: N }, normal);
  const [common, own, other, rest] = [some(), some(), some(), some()];
  const logOdds = common.map((x, i) => x + 0.5 * own[i]!);
  const margins = common.map((x, i) => -x - 0.5 * other[i]!);
  const support = rest.map((x, i) =>
    0.5 * x - share * logOdds[i]! + (1 - share) * margins[i]!
  );
  return { nClasses: 10, support, logOdds, margins, rate: 0.2 };
}

/** Coefficients by Gauss: the normal equations of standardised signals, with the ridge between them. */
function slow({ support, logOdds, margins }: ReturnType<typeof made>) {
  const standard = (v: ArrayLike<number>) => {
    const all = Array.from(v);
    const mean = all.reduce((a, b) => a + b, 0) / N;
    const deviation = Math.sqrt(
      all.reduce((a, x) => a + (x - mean) ** 2, 0) / N,
    );
    return all.map((x) => (x - mean) / deviation);
  };
  const dot = (x: number[], y: number[]) =>
    x.reduce((sum, v, i) => sum + v * y[i]!, 0) / N;
  const [y, u, v] = [
    support.map((x) => -x),
    logOdds,
    margins.map((x) => -x),
  ].map(standard) as [number[], number[], number[]];
  const r = dot(u, v);
  const [p, q] = [dot(u, y), dot(v, y)];
  // the sum of the coefficients is not shrunk, their difference is
  const [sum, difference] = [(p + q) / (1 + r), (p - q) / (1 - r + 0.02)];
  return Math.max(0, (sum + difference) / (2 * sum));
}

Deno.test("viewSharpness() grows with how far the run agrees with the probe's log-odds rather than its margins, from 0.65 to 1", () => {
  const all = [-0.5, 0, 0.1, 0.2, 0.3, 0.6, 1].map((share) => {
    const inputs = made(share);
    const found = viewSharpness(inputs);
    const expected = Math.min(1, 0.65 + slow(inputs));
    assert.ok(Math.abs(found - expected) < 1e-9, `${found}, ${expected}`);
    return found;
  });
  assert.deepEqual(all, all.toSorted((a, b) => a - b));
  assert.equal(all[0], 0.65);
  assert.equal(all.at(-1), 1);
  assert.ok(all.some((c) => c > 0.7 && c < 0.95), all.join());
});

Deno.test("viewSharpness() asks less of a probe that found hardly any noise", () => {
  const inputs = made(-0.5);
  for (const [rate, expected] of [[0, 1], [0.01, 0.93], [0.3, 0.65]] as const) {
    const found = viewSharpness({ ...inputs, rate });
    assert.ok(Math.abs(found - expected) < 1e-12, `${found}`);
  }
});

Deno.test("viewSharpness() is 1 with two classes, and where nothing can be told apart", () => {
  const inputs = made(-0.5);
  const nothing = new Float64Array(N);
  assert.equal(viewSharpness({ ...inputs, nClasses: 2 }), 1);
  assert.equal(viewSharpness({ ...inputs, support: nothing }), 1);
  assert.equal(viewSharpness({ ...inputs, logOdds: nothing }), 1);
  const against = inputs.support.map((s) => -s);
  assert.equal(viewSharpness({ ...inputs, support: against }), 1);
});
