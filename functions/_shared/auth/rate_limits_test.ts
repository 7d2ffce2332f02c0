import assert from "node:assert/strict";
import { AppError } from "@shared/errors.ts";
import type { Principal } from "./principal.ts";
import { createRateLimits } from "./rate_limits.ts";

const person = (userId: string): Principal => ({ kind: "person", userId });
const key = (keyId: string): Principal => ({
  kind: "key",
  keyId,
  projectId: "p",
  scopes: ["read"],
});

function makeLimits(limit: number) {
  let now = 0;
  const limits = createRateLimits({
    perCaller: limit,
    perProject: limit,
    failuresPerAddress: limit,
  }, () => now);
  return { limits, wait: (ms: number) => now += ms };
}

/** Seconds to wait; null if it is taken. */
function refusal(count: () => void): number | null {
  try {
    count();
    return null;
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === "rate_limited");
    return error.details!.retry_after_s as number;
  }
}

Deno.test("rate limits take a minute's requests at once, then as fast as the average", () => {
  const { limits, wait } = makeLimits(6);
  const ask = () => refusal(() => limits.countCaller(key("a")));
  for (let i = 0; i < 6; i++) assert.equal(ask(), null);
  assert.equal(ask(), 10);
  wait(9_000);
  assert.equal(ask(), 1);
  wait(1_000);
  assert.equal(ask(), null);
  assert.equal(ask(), 10);
  wait(3_600_000);
  for (let i = 0; i < 6; i++) assert.equal(ask(), null);
  assert.equal(ask(), 10, "an hour gives no more than a minute does");
});

Deno.test("rate limits count keys, people, projects and addresses apart", () => {
  const { limits } = makeLimits(1);
  const counts = [
    () => limits.countCaller(key("a")),
    () => limits.countCaller(key("b")),
    () => limits.countCaller(person("c")),
    () => limits.countProject("a"),
    () => limits.countProject("b"),
    () => limits.countFailure("a"),
    () => limits.countFailure("b"),
  ];
  for (const count of counts) assert.equal(refusal(count), null);
  for (const count of counts) assert.equal(refusal(count), 60);
});

Deno.test("rate limits say whose, how many, and when", () => {
  const { limits } = makeLimits(1);
  limits.countProject("a");
  assert.throws(() => limits.countProject("a"), {
    message:
      "Cannot take more requests of this project now: at most 1 a minute are taken, try again in 60 s",
  });
});

Deno.test("rate limits of 0 are none", () => {
  const { limits } = makeLimits(0);
  for (let i = 0; i < 1000; i++) limits.countCaller(key("a"));
});

Deno.test("rate limits remember the last names only, whoever makes them up", () => {
  const { limits } = makeLimits(1);
  limits.countFailure("first");
  limits.countFailure("second");
  for (let i = 0; i < 9_999; i++) limits.countFailure(`made up ${i}`);
  assert.equal(refusal(() => limits.countFailure("second")), 60);
  assert.equal(refusal(() => limits.countFailure("first")), null);
});
