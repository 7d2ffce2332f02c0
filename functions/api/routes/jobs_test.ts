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
        await admin`
          update assay.jobs set stage_seconds = ${
          admin.json({ score: 3, fold: 1, encode: 2 })
        } where id = ${first.json.job_id}`;
        const inOrder = await get(`/jobs/${first.json.job_id}`);
        assert.deepEqual(Object.keys(inOrder.json.stage_seconds), [
          "fold",
          "encode",
          "score",
        ]);
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

    const rescore = (
      rest: object,
      key: string | null = null,
      persona: Parameters<typeof ask>[0] = "writeKey",
    ) =>
      ask(
        persona,
        "POST",
        "/jobs",
        { job_kind: "rescore_run", ...rest },
        key === null ? {} : { "idempotency-key": key },
      );
    const end = () =>
      admin`update assay.jobs set state = 'cancelled', finished_at = now() where finished_at is null`;

    await t.step("a rescoring is asked for once, and cancelled", async () => {
      platform.published.length = 0;
      const asked = {
        run_id: run.runId,
        settings: { mislabeled: { min_probability: 0.5 } },
        apply_verdicts: false,
      };
      const first = await rescore(asked);
      assert.equal(first.status, 202);
      const { job_id } = first.json;
      assert.deepEqual(first.json.jobs, [{ job_id, run_id: run.runId }]);
      assert.equal(platform.published.length, 1);
      assert.deepEqual((await rescore(asked)).json, first.json);
      const [job] = await admin`
        select job_kind, stage, request from assay.jobs where id = ${job_id}`;
      assert.deepEqual({ ...job }, {
        job_kind: "rescore_run",
        stage: "prepare",
        request: {
          settings: asked.settings,
          apply_verdicts: false,
          filter: null,
        },
      });
      for (
        const other of [
          await rescore({ run_id: run.runId }),
          await ask("writeKey", "POST", "/jobs", {
            job_kind: "score_run",
            run_id: run.runId,
          }),
        ]
      ) {
        assert.equal(other.status, 409);
        assert.match(
          other.json.error.message,
          new RegExp(
            `job "${job_id}" scores it.* now; wait for its end, or cancel it`,
          ),
        );
      }
      const cancelled = await ask("writeKey", "DELETE", `/jobs/${job_id}`);
      assert.equal(cancelled.json.state, "cancelled");
      assert.equal((await rescore({ run_id: run.runId })).status, 202);
      await end();
    });

    await t.step(
      "a run that cannot be rescored says why, and none is",
      async () => {
        const bare = await seedRun(admin, mine, 2);
        const cases: [string, RegExp][] = [
          ["state = 'open', closed_at = null", /it is not finished/],
          [
            "state = 'closed', closed_at = now(), published_revision_id = null",
            /it has no results yet; ask for "score_run"/,
          ],
          ["parts_expired_at = now()", /its uploads were removed/],
        ];
        for (const [change, message] of cases) {
          await admin`update assay.runs set ${
            admin.unsafe(change)
          } where id = ${bare.runId}`;
          const { status, json } = await rescore({
            run_ids: [run.runId, bare.runId],
          });
          assert.equal(status, 409);
          assert.match(json.error.message, message);
        }
        const [open] = await admin`
        select count(*)::int as n from assay.jobs where finished_at is null`;
        assert.equal(open!.n, 0);
        const other = await seedRun(admin, world.other, 2);
        const foreign = await rescore({ run_ids: [run.runId, other.runId] });
        assert.equal(foreign.status, 404);
        const viewer = await rescore({ run_id: run.runId }, null, "viewer");
        assert.equal(viewer.status, 403);
        await ask("editor", "DELETE", `/runs/${bare.runId}`);
        const gone = await rescore({ run_id: bare.runId });
        assert.equal(gone.status, 404);
        await end();
      },
    );

    await t.step(
      "a list of runs is a job each, a filter those that fit",
      async () => {
        const more = [
          await seedRun(admin, mine, 2),
          await seedRun(admin, mine, 2),
        ];
        const run_ids = more.map(({ runId }) => runId);
        const runsOf = ({ json }: Awaited<ReturnType<typeof rescore>>) =>
          json.jobs.map((job: { run_id: string }) => job.run_id).sort();
        const list = await rescore({ run_ids });
        assert.deepEqual(runsOf(list), run_ids.toSorted());
        await end();

        const filtered = (rest: object) =>
          rescore({ filter: { project_id: mine, ...rest } });
        const byDataset = await filtered({ dataset_id: more[0]!.datasetId });
        assert.deepEqual(runsOf(byDataset), [run_ids[0]]);
        const byName = await filtered({
          name_contains: `R${run_ids[1]!.slice(0, 9)}`,
        });
        assert.deepEqual(runsOf(byName), [run_ids[1]]);
        const all = await filtered({});
        assert.deepEqual(
          runsOf(all),
          [run.runId],
          "the others are open already",
        );
        for (
          const rest of [{ name_contains: "no%such" }, { incomplete: true }]
        ) {
          assert.equal((await filtered(rest)).status, 404);
        }
        const foreign = await rescore({ filter: { project_id: world.other } });
        assert.equal(foreign.status, 404);
        await end();
      },
    );

    await t.step("one Idempotency-Key is one rescoring", async () => {
      const filter = { project_id: mine, incomplete: false };
      const first = await rescore({ filter }, "k");
      assert.ok(first.json.jobs.length > 1);
      await end();
      assert.deepEqual((await rescore({ filter }, "k")).json, first.json);
      for (
        const other of [
          { filter, apply_verdicts: false },
          { filter: { project_id: mine } },
          { run_id: run.runId },
        ]
      ) {
        const { status, json } = await rescore(other, "k");
        assert.deepEqual([status, json.error.code], [
          409,
          "idempotency_conflict",
        ]);
      }
      const one = await rescore({ run_id: run.runId }, "one");
      await end();
      const again = await rescore({ run_ids: [run.runId] }, "one");
      assert.deepEqual(again.json, one.json);
      const racing = await Promise.all(
        [1, 2, 3].map(() => rescore({ run_id: run.runId }, "race")),
      );
      assert.equal(new Set(racing.map(({ json }) => json.job_id)).size, 1);
    });

    await t.step("two that ask the same at once get one job", async () => {
      const { runId } = await seedRun(admin, mine, 3, 21);
      const answers = await Promise.all(
        Array.from({ length: 4 }, () =>
          ask("writeKey", "POST", "/jobs", {
            job_kind: "rescore_run",
            run_id: runId,
          })),
      );
      for (const { status, json } of answers) {
        assert.equal(status, 202);
        assert.deepEqual(json, answers[0]!.json);
      }
    });
  },
);
