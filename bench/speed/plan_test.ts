import assert from "node:assert/strict";
import { PLANS, shortSize, slopeOf } from "./plan.ts";
import { STEPS } from "./steps.ts";

Deno.test("slopeOf() is the exponent of a power", () => {
  const sizes = [100, 200, 400];
  assert.ok(Math.abs(slopeOf(sizes, sizes.map((n) => 3 * n ** 2)) - 2) < 1e-12);
});

Deno.test("PLANS have a step each, and cases of different names", () => {
  const cases = PLANS.flatMap(({ step, sizes, caseOf }) => {
    assert.ok(step in STEPS, step);
    return sizes.map((n) => caseOf(shortSize(n)));
  });
  assert.equal(new Set(cases).size, cases.length);
  for (
    const name of [
      "label_issues_1m_10",
      "label_issues_50k_1000",
      "knn_shapley_10k",
      "knn_graph_20k_256_exact",
      "knn_graph_20k_256_approximate",
      "score_run_50k_10_256",
    ]
  ) assert.ok(cases.includes(name), name);
});
