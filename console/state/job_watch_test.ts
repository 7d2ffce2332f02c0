import assert from "node:assert/strict";
import type { JobStatus } from "@shared/types/job.ts";
import { ApiError } from "../api/error.ts";
import { lookDelayMs, watchJob } from "./job_watch.ts";

const job = (state: JobStatus["state"], fraction: number) =>
  ({ state, stage: "score", fraction }) as JobStatus;

function watch(answers: (JobStatus | Error)[]) {
  const delays: number[] = [];
  const fractions: number[] = [];
  const troubles: boolean[] = [];
  const done = watchJob({
    look: () => {
      const next = answers.shift()!;
      return next instanceof Error
        ? Promise.reject(next)
        : Promise.resolve(next);
    },
    wait: (ms) => Promise.resolve(void delays.push(ms)),
    onStatus: (s) => fractions.push(s.fraction),
    onTrouble: (t) => troubles.push(t !== null),
  }, new AbortController().signal);
  return { done, delays, fractions, troubles };
}

Deno.test("watchJob() looks until the job ends, quicker while it moves", async () => {
  const { done, delays, fractions } = watch([
    job("queued", 0),
    job("running", 0.2),
    job("running", 0.2),
    job("running", 0.2),
    job("running", 0.6),
    job("succeeded", 1),
  ]);
  assert.equal((await done).state, "succeeded");
  assert.deepEqual(fractions, [0, 0.2, 0.2, 0.2, 0.6, 1]);
  assert.deepEqual(delays, [500, 500, 750, 1125, 500]);
});

Deno.test("watchJob() waits for a server that is away and says so", async () => {
  const away = new ApiError("away", {
    status: 0,
    code: "upstream_unavailable",
  });
  const { done, troubles } = watch([
    job("running", 0.1),
    away,
    job("failed", 0.1),
  ]);
  assert.equal((await done).state, "failed");
  assert.deepEqual(troubles, [false, true, false]);
});

Deno.test("watchJob() gives up on an answer that will not change", async () => {
  const gone = new ApiError("gone", { status: 404, code: "not_found" });
  await assert.rejects(watch([gone]).done, { code: "not_found" });
});

Deno.test("lookDelayMs() grows to 8 s", () => {
  assert.equal(lookDelayMs(0), 500);
  assert.equal(lookDelayMs(99), 8_000);
});
