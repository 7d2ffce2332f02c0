import assert from "node:assert/strict";
import { runMutants } from "./mutants.ts";
import { toJson } from "./report.ts";
import { runSuite } from "./suite.ts";

const SEED = 7;
const say = () => {};

Deno.test("nothing is lost, doubled or stuck under any fault, each provably met", async () => {
  const { rows, failures, head } = await runSuite({
    seed: SEED,
    isQuick: true,
    only: "",
    say,
  });
  assert.deepEqual(failures, []);
  assert.ok(head.kills >= 40, `${head.kills} kills`);
  for (const row of toJson(rows)) {
    const { fault, point, lost, doubled, stuck, reached } = row;
    assert.deepEqual(
      { fault, point, lost, doubled, stuck },
      { fault, point, lost: 0, doubled: 0, stuck: 0 },
    );
    assert.ok(reached > 0, `${fault} at ${point} was not reached`);
  }
});

Deno.test("the suite fails without the fence, the outbox or the lease check", async () => {
  const results = await runMutants(SEED, say);
  assert.deepEqual(
    results.filter(({ isCaught }) => !isCaught).map(({ name }) => name),
    [],
  );
  assert.equal(results.length, 3);
});
