import assert from "node:assert/strict";
import type { RunReport } from "@shared/types/report.ts";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: runs",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { admin, mine, other, platform } = world;
    const run = await seedRun(admin, mine);
    const base = `/runs/${run.runId}`;

    await t.step(
      "GET /runs pages newest first, filters, and shows nobody else's",
      async () => {
        const second = await seedRun(admin, mine, 2);
        const first = await get("/runs?limit=1");
        assert.equal(first.json.rows[0].run_id, second.runId);
        const next = await get(
          `/runs?limit=1&cursor=${first.json.next_cursor}`,
        );
        assert.equal(next.json.rows[0].run_id, run.runId);
        assert.equal(next.json.next_cursor, null);
        const byDataset = await get(`/runs?dataset_id=${run.datasetId}`);
        assert.deepEqual(
          byDataset.json.rows.map((r: { run_id: string }) => r.run_id),
          [run.runId],
        );
        assert.equal(
          (await get(`/runs?project_id=${other}`)).json.rows.length,
          0,
        );
        assert.equal(
          (await get(`/runs?name=r${run.runId}`)).json.rows.length,
          1,
        );
        assert.equal((await get("/runs", "ingestKey")).json.rows.length, 0);
      },
    );

    await t.step("GET /runs/{id} shows what the revision found", async () => {
      const { json } = await get(base);
      assert.equal(json.summary.verdict, "Fine");
      assert.equal(json.summary.n_samples, 60);
      assert.deepEqual(json.label_names, run.labels);
      assert.deepEqual([json.job_id, json.job_state], [
        run.jobId,
        "succeeded",
      ]);
      assert.match(json.created_at, /^\d{4}-.*Z$/);
      assert.deepEqual([json.revision_number, json.incomplete], [1, false]);
    });

    await t.step(
      "lists refuse a wrong limit, cursor or parameter",
      async () => {
        for (
          const query of [
            "limit=0",
            "limit=501",
            "limit=x",
            "cursor=x",
            "colour=red",
            "cursor=WzFd",
          ]
        ) {
          const { status, json } = await get(`${base}/samples?${query}`);
          assert.deepEqual([status, json.error.code], [
            400,
            "validation_failed",
          ], query);
        }
      },
    );

    await t.step(
      "GET classes, confusions and problems show the reports",
      async () => {
        const classes = await get(`${base}/classes`);
        assert.deepEqual(
          classes.json.rows.map((r: { label: string }) => r.label),
          run.labels,
        );
        const confusions = await get(`${base}/confusions`);
        assert.deepEqual(
          confusions.json.rows.map((r: { n_flagged: number }) => r.n_flagged),
          [5, 3],
        );
        const first = await get(`${base}/problems?limit=2`);
        const second = await get(
          `${base}/problems?limit=2&cursor=${first.json.next_cursor}`,
        );
        assert.deepEqual(
          [...first.json.rows, ...second.json.rows].map((
            r: { row: number | null },
          ) => r.row),
          [null, 4, 5],
        );
        assert.deepEqual(Object.keys(first.json.rows[0]).sort(), [
          "column",
          "message",
          "n_rows",
          "part_id",
          "row",
        ]);
      },
    );

    await t.step(
      "GET report shows the run as a whole, and says when there is none",
      async () => {
        const report: RunReport = { splits: [], representation: null };
        assert.deepEqual((await get(`${base}/report`)).json, report);
        await admin`
          update assay.revisions set report = null where run_id = ${run.runId}`;
        const none = await get(`${base}/report`);
        assert.deepEqual([none.status, none.json.error.message], [
          404,
          `Cannot find the report of run "${run.runId}": it was scored before there were reports; score it again`,
        ]);
      },
    );

    await t.step(
      "GET columns streams them, and answers 304 to who has them",
      async () => {
        platform.objects.set(
          `${mine}/${run.runId}/columns`,
          Uint8Array.of(1, 2, 3),
        );
        const answer = await get(`${base}/columns`);
        assert.equal(answer.status, 200);
        assert.equal(
          answer.headers.get("content-type"),
          "application/vnd.apache.arrow.stream",
        );
        const again = await ask(
          "viewer",
          "GET",
          `${base}/columns`,
          undefined,
          {
            "if-none-match": answer.headers.get("etag")!,
          },
        );
        assert.equal(again.status, 304);
      },
    );

    await t.step(
      "results of a run that is not scored answer 409 with the job",
      async () => {
        const id = crypto.randomUUID();
        await admin`
    insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
    values (${id}, ${mine}, ${run.datasetId}, 'unscored', 1, 'classification', ${[
          "a",
        ]}, ${new Uint8Array(32)})`;
        for (
          const view of [
            "samples",
            "classes",
            "confusions",
            "report",
            "problems",
            "columns",
            "samples/training/a",
          ]
        ) {
          const { status, json } = await get(`/runs/${id}/${view}`);
          assert.deepEqual(
            [status, json.error.code, json.error.details.job_id],
            [409, "conflict", null],
            view,
          );
        }
        const asked = await ask("editor", "POST", "/jobs", {
          job_kind: "score_run",
          run_id: id,
        });
        assert.deepEqual([asked.status, asked.json.error.code], [
          409,
          "conflict",
        ]);
      },
    );
  },
);
