import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp as createIngest } from "../../ingest/app.ts";
import { createDeps as createIngestDeps } from "../../ingest/deps.ts";
import { askOf } from "../../_shared/testing/apps.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: deletions",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { admin, mine, platform, users } = world;
    const ingest = askOf(
      world,
      createIngest(createIngestDeps(world.edge)),
      "/ingest/v1",
    );
    const names = (json: { rows: { name: string }[] }) =>
      json.rows.map(({ name }) => name);

    await t.step(
      "datasets are listed and read, a page at a time",
      async () => {
        const first = await seedRun(admin, mine, 5);
        await seedRun(admin, mine, 5);
        const page = await get("/datasets?limit=1");
        const next = await get(
          `/datasets?limit=1&cursor=${page.json.next_cursor}`,
        );
        assert.notEqual(
          page.json.rows[0].dataset_id,
          next.json.rows[0].dataset_id,
        );
        const one = await get(`/datasets/${first.datasetId}`);
        assert.deepEqual(
          [one.json.n_runs, one.json.n_samples, one.json.project],
          [1, 5, "mine"],
        );
        const found = await get(
          `/datasets?project_id=${mine}&name=${one.json.name}`,
        );
        assert.deepEqual(names(found.json), [one.json.name]);
        assert.equal((await get("/datasets", "stranger")).json.rows.length, 0);
      },
    );

    await t.step(
      "a deleted run is gone for everybody at once, its job ends, and its parts are refused",
      async () => {
        const run = await seedRun(admin, mine, 5);
        const open = await ask("editor", "POST", "/jobs", {
          job_kind: "score_run",
          run_id: run.runId,
        });
        platform.published.length = 0;
        const answer = await ask("editor", "DELETE", `/runs/${run.runId}`);
        assert.equal(answer.status, 202);
        assert.equal(platform.published.length, 1, "a worker is rung");
        const job = await get(`/jobs/${answer.json.job_id}`);
        assert.equal(job.json.job_kind, "delete_run");
        for (
          const path of [
            `/runs/${run.runId}`,
            `/runs/${run.runId}/samples`,
            `/jobs/${open.json.job_id}`,
          ]
        ) {
          assert.equal((await get(path)).status, 404, path);
        }
        const runs = await get("/runs?limit=500");
        assert.ok(!JSON.stringify(runs.json).includes(run.runId));
        const jobs = await get(`/jobs?run_id=${run.runId}`);
        assert.equal(jobs.json.rows.length, 0);
        const [row] = await admin`
          select state from assay.jobs where id = ${open.json.job_id}`;
        assert.equal(row!.state, "cancelled");
        assert.equal((await get(`/datasets/${run.datasetId}`)).status, 200);

        const part = await ingest(
          "ingestKey",
          "POST",
          `/runs/${run.runId}/parts?kind=samples&split=training&seq=0`,
          "{}",
          { "idempotency-key": "late", "content-type": "application/json" },
        );
        assert.equal(part.status, 404);
        const again = await ingest("ingestKey", "PUT", `/runs/${run.runId}`, {
          label_names: ["a"],
        });
        assert.deepEqual([again.status, again.json.error.code], [
          409,
          "run_closed",
        ]);
        const twice = await ask("editor", "DELETE", `/runs/${run.runId}`);
        assert.equal(twice.status, 404);
        const cancel = await ask(
          "editor",
          "DELETE",
          `/jobs/${answer.json.job_id}`,
        );
        assert.deepEqual([cancel.status, cancel.json.error.code], [
          409,
          "conflict",
        ]);
      },
    );

    await t.step(
      "names of what was deleted are free again at once",
      async () => {
        const put = (dataset: string) =>
          ingest("ingestKey", "PUT", `/runs/${crypto.randomUUID()}`, {
            dataset,
            name: "nightly",
            label_names: ["a"],
          });
        const first = (await put("mails")).json;
        await ask("owner", "DELETE", `/datasets/${first.dataset_id}`);
        const second = await put("mails");
        assert.equal(second.status, 201);
        assert.notEqual(second.json.dataset_id, first.dataset_id);
        assert.equal(second.json.attempt, 1);
        const { json } = await get(`/runs/${first.run_id}`);
        assert.equal(json.error.code, "not_found");
      },
    );

    await t.step(
      "a deleted project is gone for its owner and its keys, and only its own",
      async () => {
        const made = await ask("stranger", "POST", "/projects", {
          name: "short-lived",
        });
        const path = `/projects/${made.json.project_id}`;
        await ask("stranger", "PUT", `${path}/members/${users.viewer}`, {
          role: "viewer",
        });
        const key = await ask("stranger", "POST", `${path}/keys`, {
          name: "k",
          scopes: ["read"],
        });
        assert.equal((await ask("viewer", "DELETE", path)).status, 403);
        assert.equal((await ask("stranger", "DELETE", path)).status, 202);
        assert.equal((await get(path, "stranger")).status, 404);
        assert.equal((await get(path)).status, 404);
        const projects = await get("/projects", "stranger");
        assert.deepEqual(names(projects.json), ["other"]);
        const me = await ask("anonymous", "GET", "/me", undefined, {
          authorization: `Bearer ${key.json.token}`,
        });
        assert.equal(me.status, 401);
        assert.equal((await get(`/projects/${mine}`)).status, 200);
      },
    );

    await t.step(
      "a project keeps things for as long as it was told",
      async () => {
        const path = `/projects/${mine}`;
        const change = (body: object) => ask("owner", "PATCH", path, body);
        const kept = await change({ retention_days: 90 });
        assert.deepEqual(
          [kept.json.name, kept.json.retention_days],
          ["mine", 90],
        );
        await change({ parts_retention_days: 7 });
        const both = await change({ name: "mine" });
        assert.deepEqual(
          [both.json.retention_days, both.json.parts_retention_days],
          [90, 7],
        );
        const none = await change({
          retention_days: null,
          parts_retention_days: null,
        });
        assert.equal(none.json.retention_days, null);
        for (const body of [{}, { retention_days: 0 }, { retention_day: 1 }]) {
          const { status } = await change(body);
          assert.equal(status, 400, JSON.stringify(body));
        }
      },
    );

    await t.step(
      "a run whose uploads have expired is not scored again",
      async () => {
        const { runId } = await seedRun(admin, mine, 5);
        await admin`update assay.runs set parts_expired_at = now() where id = ${runId}`;
        const { status, json } = await ask("editor", "POST", "/jobs", {
          job_kind: "score_run",
          run_id: runId,
        });
        assert.deepEqual([status, json.error.code], [409, "conflict"]);
        assert.match(json.error.message, /its uploads were removed/);
      },
    );
  },
);
