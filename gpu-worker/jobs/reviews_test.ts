import assert from "node:assert/strict";
import { emptyDynamics } from "../signals/dynamics_state.ts";
import { reviewsOf } from "./reviews.ts";

const run = {
  labelNames: ["ham", "spam"],
  splits: [
    { keys: BigInt64Array.of(7n, 8n, 9n), labels: [0, 1, -1] },
    { keys: BigInt64Array.of(9n, 7n), labels: [1, 1] },
  ].map(({ keys, labels }) => ({
    keys,
    dynamics: emptyDynamics(Int32Array.from(labels), 2),
  })),
} as unknown as Parameters<typeof reviewsOf>[1];

Deno.test("reviewsOf() finds every row of a sample", () => {
  assert.deepEqual(
    reviewsOf([
      { key: 7n, verdict: "relabel", label: "spam" },
      { key: 8n, verdict: "drop", label: null },
      { key: 6n, verdict: "drop", label: null },
    ], run),
    [
      { row: 0, verdict: "relabel", label: 1 },
      { row: 1, verdict: "drop", label: -1 },
      { row: 4, verdict: "keep", label: 1 },
    ],
  );
});

Deno.test("reviewsOf() keeps the label that was looked at, whatever this run gives", () => {
  assert.deepEqual(
    reviewsOf([
      { key: 7n, verdict: "keep", label: "ham" },
      { key: 9n, verdict: "keep", label: null },
      { key: 8n, verdict: "keep", label: "eggs" },
    ], run),
    [
      { row: 0, verdict: "keep", label: 0 },
      { row: 1, verdict: "relabel", label: -1 },
      { row: 3, verdict: "keep", label: 1 },
      { row: 4, verdict: "relabel", label: 0 },
    ],
  );
});
