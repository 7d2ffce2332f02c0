import assert from "node:assert/strict";
import { parseSampleFilter } from "./filter.ts";
import { parseSampleQuery } from "./sample_query.ts";

Deno.test("parseSampleQuery() makes one filter of single parameters", () => {
  const { filter, sort, limit } = parseSampleQuery({
    issue_type: "clean",
    min_score: "0.25",
    q: "a%",
    verdict: "none",
  });
  assert.deepEqual([sort, limit], ["rank", 50]);
  assert.deepEqual(JSON.parse(JSON.stringify(filter)), {
    issue_types: ["clean"],
    scores: { mislabeled_score: { min: 0.25 } },
    verdicts: ["none"],
    text: "a%",
  });
});

Deno.test("parseSampleQuery() takes a whole filter, alone", () => {
  const { filter } = parseSampleQuery({ filter: '{"given_labels":[null]}' });
  assert.deepEqual(filter, { given_labels: [null] });
  assert.throws(
    () => parseSampleQuery({ filter: "{}", split: "test" }),
    /filter/,
  );
  assert.throws(() => parseSampleQuery({ filter: "{" }), /JSON/);
});

Deno.test("parseSampleQuery() refuses scores that are none", () => {
  for (const score of ["", "-0.1", "1.1", "NaN", "Infinity", "x"]) {
    assert.throws(
      () => parseSampleQuery({ min_score: score }),
      /min_score/,
      score,
    );
  }
});

Deno.test("parseSampleFilter() refuses conditions it does not know", () => {
  assert.throws(() => parseSampleFilter({ colour: 1 }), /colour/);
  assert.throws(
    () => parseSampleFilter({ scores: { luck: { min: 0 } } }),
    /scores/,
  );
  assert.throws(
    () => parseSampleFilter({ metadata: { a: { in: [{}] } } }),
    /metadata/,
  );
  assert.throws(() => parseSampleFilter({ lasso: [[0, 0], [1, 1]] }), /lasso/);
  assert.throws(() => parseSampleFilter({ text: "a\0" }), /NUL/);
  const named = JSON.parse('{"metadata": {"__proto__": {"min": 1}}}');
  assert.throws(() => parseSampleFilter(named), /__proto__/);
});
