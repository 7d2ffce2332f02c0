import assert from "node:assert/strict";
import { type Said, tally, yieldWords } from "./tally.ts";

const said = (
  sampleId: string,
  verdict: Said["verdict"],
  at: number,
): Said => ({ sampleId, verdict, at });

Deno.test("tally() counts the newest verdict of each sample, in any order", () => {
  assert.deepEqual(
    tally([
      said("a", "keep", 3),
      said("a", "drop", 1),
      said("b", "relabel", 2),
    ]),
    { reviewed: 2, errors: 1, recent: 2 },
  );
});

Deno.test("tally() looks at the last 20 decisions only; needs_review is none", () => {
  const old = Array.from({ length: 30 }, (_, i) => said(`old${i}`, "drop", i));
  const late = Array.from(
    { length: 18 },
    (_, i) => said(`n${i}`, "keep", 50 + i),
  );
  const open = said("open", "needs_review", 99);
  assert.deepEqual(tally([open, ...late, ...old]), {
    reviewed: 49,
    errors: 2,
    recent: 20,
  });
});

Deno.test("yieldWords() suggests to stop once hardly anything is an error", () => {
  assert.match(yieldWords({ reviewed: 40, errors: 1, recent: 20 }), /stop/);
  assert.doesNotMatch(
    yieldWords({ reviewed: 4, errors: 0, recent: 4 }),
    /stop/,
  );
});
