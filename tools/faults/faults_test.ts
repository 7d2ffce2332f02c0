import { skipIf } from "@testing/skip.ts";
import assert from "node:assert/strict";
import { runMutants } from "./mutants.ts";
import { toJson } from "./report.ts";
import { runSuite } from "./suite.ts";

const SEED = 7;
const say = () => {};
const SKIP = skipIf(
  Deno.build.os === "linux"
    ? null
    : "the fault suite needs Linux: it reads /proc",
);

Deno.test({
  name: "nothing is lost, doubled or stuck under any fault, each provably met",
  ...SKIP,
  async fn() {
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
  },
});

Deno.test({
  name: "the suite fails without the fences, the outbox or the lease check",
  ...SKIP,
  async fn() {
    const results = await runMutants(SEED, say);
    assert.deepEqual(
      results.filter(({ isCaught }) => !isCaught).map(({ name }) => name),
      [],
    );
    assert.equal(results.length, 4);
  },
});
