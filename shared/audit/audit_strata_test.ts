import assert from "node:assert/strict";
import {
  auditStrata,
  binOf,
  BINS_PER_UNIT,
  stratumKnots,
} from "./audit_strata.ts";

const spread = (bin: number) => {
  const p = 1 / (1 + Math.exp(-bin / BINS_PER_UNIT));
  return Math.sqrt(p * (1 - p));
};
/** Samples whose log-odds are as usual: most right, some wrong, some unclear. */
const BINS = Array.from({ length: 400 }, (_, i) => ({
  bin: i - 250,
  n: 1 + Math.round(40 * Math.exp(-(((i - 60) / 50) ** 2))),
}));
const N = BINS.reduce((sum, { n }) => sum + n, 0);

for (
  const [nSamples, nStrata] of [[30, 5], [59, 5], [60, 8], [300, 8]] as const
) {
  Deno.test(`auditStrata() cuts into ${nStrata} equal shares for ${nSamples} samples, and draws by weight`, () => {
    const strata = auditStrata(BINS, nSamples);
    assert.equal(strata.length, nStrata);
    const inside = (i: number) =>
      BINS.filter(({ bin }) => strata[i]!.from <= bin && bin <= strata[i]!.to);
    const shares = strata.map((_, i) =>
      inside(i).reduce((sum, { bin, n }) => sum + n * spread(bin), 0)
    );
    const weights = strata.map((_, i) =>
      inside(i).reduce((sum, { bin, n }) => sum + n * (spread(bin) + 0.02), 0)
    );
    const all = shares.reduce((a, b) => a + b);
    const allWeights = weights.reduce((a, b) => a + b);
    strata.forEach((stratum, i) => {
      assert.ok(Math.abs(shares[i]! / all - 1 / nStrata) < 0.02);
      assert.equal(
        stratum.nSamples,
        inside(i).reduce((sum, { n }) => sum + n, 0),
      );
      const expected = nSamples * weights[i]! / allWeights;
      assert.ok(Math.abs(stratum.nDrawn - expected) <= 1);
      assert.ok(i === 0 || stratum.to < strata[i - 1]!.from);
    });
    assert.equal(strata.reduce((sum, s) => sum + s.nSamples, 0), N);
    assert.equal(strata.reduce((sum, s) => sum + s.nDrawn, 0), nSamples);
  });
}

Deno.test("auditStrata() takes all where there are no more, and none twice", () => {
  const bins = [{ bin: 0, n: 2 }, { bin: -300, n: 5 }, { bin: 90, n: 0 }];
  const strata = auditStrata(bins, 100);
  assert.deepEqual(strata.map((s) => [s.nSamples, s.nDrawn]), [[2, 2], [5, 5]]);
  assert.deepEqual(auditStrata([], 10), []);
  assert.deepEqual(auditStrata([{ bin: -480, n: 9 }], 4), [
    { from: -480, to: -480, nSamples: 9, nDrawn: 4 },
  ]);
});

Deno.test("auditStrata() leaves out no stratum while there are samples for each", () => {
  const bins = [{ bin: 480, n: 3 }, { bin: 0, n: 4000 }, { bin: -480, n: 3 }];
  for (const { nDrawn } of auditStrata(bins, 6)) assert.ok(nDrawn >= 1);
});

Deno.test("binOf() is flat beyond 12", () => {
  assert.deepEqual([99, -99, 0.5, -0.012].map(binOf), [480, -480, 20, -0]);
});

Deno.test("stratumKnots() are the medians of strata, ascending", () => {
  const bins = [{ bin: 80, n: 1 }, { bin: 40, n: 5 }, { bin: -40, n: 2 }, {
    bin: -80,
    n: 2,
  }, { bin: -120, n: 1 }];
  const strata = [{ from: 40, to: 80 }, { from: -120, to: -40 }, {
    from: -400,
    to: -360,
  }];
  assert.deepEqual(stratumKnots(strata, bins), [-2, 1]);
  assert.deepEqual(stratumKnots([], bins), []);
});
