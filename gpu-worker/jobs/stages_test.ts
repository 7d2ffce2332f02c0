import assert from "node:assert/strict";
import { SHARES, stageAfterFold } from "./stages.ts";

const NOTHING = { texts: 0, images: 0, imageUris: 0, features: 0 };

function split(epochs: number[], counts: Partial<typeof NOTHING> = {}) {
  return {
    dynamics: { epochs },
    source: { counts: { ...NOTHING, ...counts } },
  };
}

Deno.test("stageAfterFold() scores by outputs where any split has an epoch", () => {
  assert.equal(stageAfterFold([split([0])]), "score");
  assert.equal(
    stageAfterFold([split([], { texts: 5 }), split([3], { texts: 5 })]),
    "score",
  );
});

Deno.test("stageAfterFold() encodes what samples hold where no split has an epoch", () => {
  for (const kind of ["texts", "images", "imageUris", "features"]) {
    assert.equal(
      stageAfterFold([split([]), split([], { [kind]: 1 })]),
      "encode",
    );
  }
});

Deno.test("stageAfterFold() finds nothing to score by in bare samples", () => {
  assert.equal(stageAfterFold([]), null);
  assert.equal(stageAfterFold([split([]), split([])]), null);
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
