import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { BadInput } from "./bad_input.ts";
import { badInputs } from "./cases.ts";
import { openWay, type Outcome } from "./way.ts";

function assertEnds({ ends }: BadInput, outcome: Outcome): void {
  const told = JSON.stringify(outcome).slice(0, 2_000);
  if ("status" in ends) {
    assert.equal(outcome.refusal?.status, ends.status, told);
    assert.match(outcome.refusal.json.error.message, /^Cannot /);
    assert.match(outcome.refusal.json.error.message, ends.rule);
    return;
  }
  assert.equal(outcome.refusal, null, told);
  if ("fails" in ends) {
    assert.equal(outcome.state, "failed", told);
    assert.equal(outcome.errorCode, "unusable_input", told);
    assert.equal(outcome.attempts, 1, told);
    assert.match(outcome.error!, ends.fails);
    return;
  }
  assert.equal(outcome.state, "succeeded", told);
  assert.equal(outcome.nRanked, ends.ranked, told);
  const nListed = outcome.problems.reduce((sum, [, n]) => sum + n, 0);
  assert.equal(nListed, ends.listed, told);
  for (const rule of ends.rules ?? []) {
    assert.ok(
      outcome.problems.some(([message]) =>
        message.startsWith("Cannot use part ") && rule.test(message)
      ),
      `${rule}: ${told}`,
    );
  }
}

Deno.test("bad input ends in a named rule or in listed rows", async (t) => {
  const cases = await badInputs();
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  const way = await openWay(testEngines()[0]!);
  try {
    for (const input of cases) {
      await t.step(
        input.name,
        async () => assertEnds(input, await way.send(input)),
      );
    }
  } finally {
    await way.stop();
  }
});
