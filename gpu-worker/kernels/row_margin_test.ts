import assert from "node:assert/strict";
import { rowMargin } from "./row_margin.ts";

const data = [0.5, 0.25, 0.25, 0.125, 0.75, 0.125];

Deno.test("rowMargin() is the distance to the best rival, signed", () => {
  assert.equal(rowMargin(data, 0, 3, 0), 0.25);
  assert.equal(rowMargin(data, 1, 3, 0), -0.625);
});

Deno.test("rowMargin() counts the rival as 0 when there is one class", () => {
  assert.equal(rowMargin([0.75], 0, 1, 0), 0.75);
});

Deno.test("rowMargin() propagates NaN of label and rival", () => {
  assert.equal(rowMargin([NaN, 0.5], 0, 2, 0), NaN);
  assert.equal(rowMargin([NaN, 0.5], 0, 2, 1), NaN);
});
