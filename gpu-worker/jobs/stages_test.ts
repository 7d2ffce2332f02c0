import assert from "node:assert/strict";
import { scoreShare, SHARES, stageAfterFold } from "./stages.ts";

const NOTHING = { texts: 0, images: 0, imageUris: 0, features: 0 };

function split(epochs: number[], counts: Partial<typeof NOTHING> = {}) {
  return {
    dynamics: { epochs },
    source: { counts: { ...NOTHING, ...counts } },
  };
}

const CONTENT = ["texts", "images", "imageUris", "features"];

Deno.test("stageAfterFold() scores by outputs alone where samples hold nothing", () => {
  assert.equal(stageAfterFold([split([0])]), "score");
  assert.equal(stageAfterFold([split([]), split([3])]), "score");
});

Deno.test("stageAfterFold() encodes what samples hold, whether there are outputs or not", () => {
  for (const epochs of [[], [0, 1]]) {
    for (const kind of CONTENT) {
      const splits = [split(epochs), split([], { [kind]: 1 })];
      assert.equal(stageAfterFold(splits), "encode");
    }
  }
});

Deno.test("stageAfterFold() finds nothing to score by in bare samples", () => {
  assert.equal(stageAfterFold([]), null);
  assert.equal(stageAfterFold([split([]), split([])]), null);
});

Deno.test("scoreShare() begins where the stage before it has ended", () => {
  const [bare, folded] = [[split([])], [split([]), split([2])]];
  assert.deepEqual(scoreShare(bare, true), SHARES.withoutOutputs.score);
  assert.deepEqual(scoreShare(folded, true), SHARES.withBoth.score);
  assert.deepEqual(scoreShare(folded, false), SHARES.withOutputs.score);
  assert.deepEqual(SHARES.withBoth.fold, SHARES.withOutputs.fold);
});

Deno.test("SHARES cover a job without a gap", () => {
  for (const stages of Object.values(SHARES)) {
    let end = 0;
    for (const [from, to] of Object.values(stages)) {
      assert.equal(from, end);
      assert.ok(to > from);
      end = to;
    }
    assert.equal(end, 1);
  }
});
