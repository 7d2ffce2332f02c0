// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: jobs",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { admin, mine, platform } = world;
    const run = await seedRun(admin, mine);

    await t.step(
      "POST jobs rings, finds the open job again, DELETE cancels it",
      async () => {
        platform.published.length = 0;
        const request = { job_kind: "score_run", run_id: run.runId };
        const first = await ask("writeKey", "POST", "/jobs", request);
        assert.equal(first.status, 202);
        assert.equal(platform.published.length, 1);
        assert.deepEqual(
          (await ask("editor", "POST", "/jobs", request)).json,
          first.json,
        );
        const job = await get(`/jobs/${first.json.job_id}`);
        assert.deepEqual(
          [
            job.json.state,
            job.json.stage,
            job.json.fraction,
            job.json.attempts,
            job.json.stage_seconds,
          ],
          ["queued", "fold", 0, 0, {}],
        );
        const cancelled = await ask(
          "writeKey",
          "DELETE",
          `/jobs/${first.json.job_id}`,
        );
        assert.equal(cancelled.json.state, "cancelled");
        assert.equal(
          (await ask("writeKey", "DELETE", `/jobs/${first.json.job_id}`)).json
            .state,
          "cancelled",
        );
        const list = await get(`/jobs?run_id=${run.runId}&state=cancelled`);
        assert.deepEqual(
          list.json.rows.map((r: { job_id: string }) => r.job_id),
          [first.json.job_id],
        );
        const page = await get("/jobs?limit=1");
        const next = await get(
          `/jobs?limit=1&cursor=${page.json.next_cursor}`,
        );
        assert.notEqual(next.json.rows[0].job_id, page.json.rows[0].job_id);
      },
    );
  },
);
