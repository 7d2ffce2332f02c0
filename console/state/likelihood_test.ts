import assert from "node:assert/strict";
import type { LabelConfusion } from "@shared/types/result.ts";
import { classesByLikelihood } from "./likelihood.ts";

const confusion = (
  given_label: string,
  suggested_label: string,
  n_flagged: number,
): LabelConfusion => ({
  split: "training",
  given_label,
  suggested_label,
  n_flagged,
  share_of_given: 0,
});

Deno.test("classesByLikelihood() puts suggestion, prediction and given label first, then usual confusions", () => {
  const order = classesByLikelihood(
    { given_label: "c", predicted_label: "b", suggested_label: "e" },
    ["a", "b", "c", "d", "e", "f"],
    [confusion("c", "f", 2), confusion("c", "d", 5), confusion("x", "a", 99)],
  );
  assert.deepEqual(order, ["e", "b", "c", "d", "f", "a"]);
});

Deno.test("classesByLikelihood() names no class the run does not know", () => {
  assert.deepEqual(
    classesByLikelihood(
      { given_label: null, predicted_label: "gone", suggested_label: null },
      ["a", "b"],
      [],
    ),
    ["a", "b"],
  );
});
