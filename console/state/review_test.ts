// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import type { RankedSample } from "@shared/types/result.ts";
import type { VerdictRequest } from "@shared/types/verdict.ts";
import { madeMails } from "../testing/mails.ts";
import {
  chooseLabel,
  clear,
  createReview,
  drop,
  keep,
  takeSuggestion,
} from "./review.ts";

function setup() {
  const pushed: VerdictRequest[] = [];
  let n = 0;
  const review = createReview({
    push: (requests) => pushed.push(...requests),
    now: () => ++n,
    newId: () => `id-${++n}`,
  });
  const said = () => pushed.map((p) => [p.sample_id, p.verdict, p.label]);
  return { review, pushed, said };
}

const mails: RankedSample[] = madeMails(100);
const a = mails[0]!;
const b = mails[1]!;

Deno.test("judge() shows the verdict at once and queues it", () => {
  const { review, said } = setup();
  assert.equal(review.judge([a], keep), 1);
  assert.equal(review.stanceOf(a).verdict, "keep");
  assert.deepEqual(said(), [[a.sample_id, "keep", null]]);
});

Deno.test("judge() leaves alone what is so already", () => {
  const { review, said } = setup();
  review.judge([a], keep);
  assert.equal(review.judge([a, b], keep), 1);
  assert.equal(said().length, 2);
});

Deno.test("undo() takes a batch back as one step, to the verdicts from before", () => {
  const { review, said } = setup();
  const earlier = { ...b, verdict: "relabel" as const, verdict_label: "ham" };
  review.judge([a, earlier], drop);
  review.undo();
  assert.deepEqual(said().slice(2), [
    [a.sample_id, "clear", null],
    [b.sample_id, "relabel", "ham"],
  ]);
  assert.equal(review.stanceOf(earlier).label, "ham");
  assert.equal(review.undo(), null);
});

Deno.test("redo() does again what was undone, until something new is said", () => {
  const { review } = setup();
  review.judge([a], drop);
  review.undo();
  review.redo();
  assert.equal(review.stanceOf(a).verdict, "drop");
  review.undo();
  review.judge([b], keep);
  assert.equal(review.redo(), null);
});

Deno.test("takeSuggestion() has nothing to say without a suggestion", () => {
  const { review, said } = setup();
  assert.equal(
    review.judge([{ ...a, suggested_label: null }], takeSuggestion),
    0,
  );
  assert.deepEqual(said(), []);
});

Deno.test("chooseLabel() of the given label keeps it", () => {
  assert.equal(chooseLabel(a.given_label!)(a).verdict, "keep");
  assert.deepEqual(chooseLabel("other")(a), {
    verdict: "relabel",
    label: "other",
  });
});

Deno.test("refuse() shows again what the row came with and forgets the step", () => {
  const { review, pushed } = setup();
  review.judge([a], drop);
  review.refuse(pushed[0]!);
  assert.equal(review.stanceOf(a).verdict, "clear");
  assert.equal(review.canUndo.value, false);
  assert.equal(review.tally.value.reviewed, 0);
});

Deno.test("the tally follows verdicts, undo and what was said before", () => {
  const { review } = setup();
  review.recall([{ sampleId: "old", verdict: "keep", at: 0 }]);
  review.judge([a], drop);
  review.judge([b], keep);
  assert.deepEqual(review.tally.value, { reviewed: 3, errors: 1, recent: 3 });
  review.undo();
  assert.deepEqual(review.tally.value, { reviewed: 2, errors: 1, recent: 2 });
  review.judge([a], clear);
  assert.deepEqual(review.tally.value, { reviewed: 1, errors: 0, recent: 1 });
});
