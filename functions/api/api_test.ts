// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { askOf } from "../_shared/testing/apps.ts";
import { type SeededRun, seedRun } from "../_shared/testing/seed.ts";
import { createWorld } from "../_shared/testing/world.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

for (const engine of testEngines()) {
  Deno.test(`api on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const { admin, mine, other, platform, users } = world;
    const ask = askOf(world, createApp(createDeps(world.edge)), "/api/v1");
    const get = (path: string, persona: Parameters<typeof ask>[0] = "viewer") =>
      ask(persona, "GET", path);
    try {
      const run = await seedRun(admin, mine);
      const hidden = await seedRun(admin, other);
      const base = `/runs/${run.runId}`;

      await t.step("GET /me names the caller and their projects", async () => {
        const person = await get("/me");
        assert.deepEqual(
          [person.json.kind, person.json.user_id, person.json.key_id],
          ["person", users.viewer, null],
        );
        assert.deepEqual(
          person.json.projects.map((
            p: { name: string; role: string },
          ) => [p.name, p.role]),
          [["mine", "viewer"]],
        );
        const key = await get("/me", "ingestKey");
        assert.equal(key.json.kind, "key");
        assert.deepEqual([key.json.user_id, key.json.projects[0].role], [
          null,
          null,
        ]);
      });

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
        assert.deepEqual(json.summary, { verdict: "Fine", n_samples: 60 });
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
        "GET samples pages worst first without a gap or a repeat",
        async () => {
          const ids: string[] = [];
          let cursor = "";
          do {
            const { json } = await get(`${base}/samples?limit=7${cursor}`);
            ids.push(
              ...json.rows.map((row: { sample_id: string }) => row.sample_id),
            );
            cursor = json.next_cursor === null
              ? ""
              : `&cursor=${json.next_cursor}`;
          } while (cursor !== "");
          assert.deepEqual(ids, run.samples.map((s) => s.sample_id));
        },
      );

      await t.step(
        "GET samples by hardness pages hardest first, those without last",
        async () => {
          const rows: { rank: number; hardness: number | null }[] = [];
          let cursor = "";
          do {
            const { json } = await get(
              `${base}/samples?sort=hardness&limit=7${cursor}`,
            );
            rows.push(...json.rows);
            cursor = json.next_cursor === null
              ? ""
              : `&cursor=${json.next_cursor}`;
          } while (cursor !== "");
          const expected = run.samples.map((s, i) => ({
            rank: i + 1,
            hardness: s.hardness,
          }))
            .sort((a, b) =>
              Math.fround(b.hardness ?? -1) - Math.fround(a.hardness ?? -1) ||
              a.rank - b.rank
            );
          assert.deepEqual(
            rows.map((r) => r.rank),
            expected.map((r) => r.rank),
          );
        },
      );

      await t.step(
        "GET samples takes each condition of the query",
        async () => {
          const flagged = (sample: SeededRun["samples"][number]) =>
            sample.issue_types.includes("hard");
          const hard = await get(`${base}/samples?issue_type=hard&limit=500`);
          assert.deepEqual(
            hard.json.rows.map((r: { sample_id: string }) => r.sample_id),
            run.samples.filter(flagged).map((s) => s.sample_id),
          );
          const combined = await get(`${base}/samples?${new URLSearchParams({
            split: "training",
            label: "spam",
            min_score: "0.1",
            max_score: "0.7",
            verdict: "none",
            limit: "500",
          })}`);
          assert.deepEqual(
            combined.json.rows.map((r: { sample_id: string }) => r.sample_id),
            run.samples.filter((s) =>
              s.split === "training" && s.given === 1 &&
              s.mislabeled_score !== null &&
              s.mislabeled_score >= 0.1 && s.mislabeled_score <= 0.7 &&
              (s.verdict === null || s.verdict === "clear")
            )
              .map((s) => s.sample_id),
          );
          const whole = await get(
            `${base}/samples?filter=${
              encodeURIComponent(
                JSON.stringify({ ids: [run.samples[4]!.sample_id] }),
              )
            }`,
          );
          assert.deepEqual(
            whole.json.rows.map((r: { rank: number }) => r.rank),
            [5],
          );
          assert.equal(
            (await get(`${base}/samples?q=x&filter={}`)).status,
            400,
          );
          assert.equal((await get(`${base}/samples?filter={`)).status, 400);
          assert.equal((await get(`${base}/samples?q=a%00b`)).status, 400);
          const lasso = encodeURIComponent('{"lasso":[[0,0],[1,0],[1,1]]}');
          assert.equal(
            (await get(`${base}/samples?filter=${lasso}`)).status,
            400,
          );
        },
      );

      await t.step(
        "GET a sample shows neighbours, details, dynamics and the preview",
        async () => {
          const [sample] = run.samples;
          const { status, json } = await get(
            `${base}/samples/${sample!.split}/${
              encodeURIComponent(sample!.sample_id)
            }`,
          );
          assert.equal(status, 200);
          assert.equal(json.sample_id, sample!.sample_id);
          assert.equal(json.text, sample!.text_preview);
          assert.deepEqual(
            json.neighbours.map((n: { similarity: number }) => n.similarity),
            [0.75, 0.5, 0.25],
          );
          assert.equal(json.neighbours[0].sample_id, run.samples[1]!.sample_id);
          assert.deepEqual(
            json.details,
            Object.fromEntries(
              sample!.issue_types.map((type) => [type, { type }]),
            ),
          );
          assert.deepEqual(json.dynamics, {
            aum: -0.75,
            confidence: 0.5,
            variability: 0.25,
            forgetting_events: 2,
            first_learned_epoch: null,
          });
          assert.equal(
            (await get(`${base}/samples/training/none`)).status,
            404,
          );
          assert.equal((await get(`${base}/samples/moon/none`)).status, 404);
        },
      );

      await t.step(
        "GET a sample reads its whole text from Storage by offset",
        async () => {
          const sample = run.samples[1]!;
          const text = "Grüße, all of it";
          const bytes = new TextEncoder().encode(`before${text}after`);
          platform.objects.set(`${mine}/texts`, bytes);
          await admin`update assay.samples set content_path = ${`${mine}/texts`}, content_offset = 6,
          content_bytes = ${new TextEncoder().encode(text).length}
          where dataset_id = ${run.datasetId} and sample_id = ${sample.sample_id}`;
          const path = `${base}/samples/${sample.split}/${
            encodeURIComponent(sample.sample_id)
          }`;
          assert.equal((await get(path)).json.text, text);
          platform.down.storage = true;
          assert.equal((await get(path)).status, 503);
          platform.down.storage = false;
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

      await t.step(
        "PUT verdicts stores all at once, about the content the run saw, once",
        async () => {
          const verdicts = run.samples.slice(0, 3).map((s, i) => ({
            verdict_id: crypto.randomUUID(),
            sample_id: s.sample_id,
            verdict: ["relabel", "drop", "keep"][i]!,
            label: i === 0 ? "ham" : null,
          }));
          // Newer content under the same id, which this run never saw.
          await admin`insert into assay.samples (project_id, dataset_id, sample_id, content_hash)
          values (${mine}, ${run.datasetId}, ${run.samples[0]!.sample_id}, ${
            new Uint8Array(32).fill(9)
          })`;
          const first = await ask("editor", "PUT", `${base}/verdicts`, {
            verdicts,
          });
          assert.deepEqual([first.status, first.json], [200, { stored: 3 }]);
          const again = await ask("editor", "PUT", `${base}/verdicts`, {
            verdicts,
          });
          assert.deepEqual(again.json, { stored: 3 });
          const rows =
            await admin`select reviewer_id, key_id, run_id, content_hash from assay.verdicts
          where id = any (${verdicts.map((v) => v.verdict_id)}::uuid[])`;
          assert.equal(rows.length, 3);
          assert.ok(
            rows.every((r) =>
              r.reviewer_id === users.editor && r.run_id === run.runId &&
              r.content_hash[0] !== 9
            ),
          );
          const shown = await get(`${base}/samples?limit=3`);
          assert.deepEqual(
            shown.json.rows.map((r: { verdict: string }) => r.verdict),
            ["relabel", "drop", "keep"],
          );
          assert.equal(shown.json.rows[0].verdict_label, "ham");

          const changed = await ask("editor", "PUT", `${base}/verdicts`, {
            verdicts: [{ ...verdicts[1]!, verdict: "keep" }],
          });
          assert.deepEqual([changed.status, changed.json.error.code], [
            409,
            "idempotency_conflict",
          ]);
          const byKey = await ask("writeKey", "PUT", `${base}/verdicts`, {
            verdicts: [{
              ...verdicts[1]!,
              verdict_id: crypto.randomUUID(),
              verdict: "clear",
            }],
          });
          assert.equal(byKey.status, 200);
          const list = await get(`${base}/verdicts?limit=500`);
          const said = list.json.rows.map((r: { sample_id: string }) =>
            r.sample_id
          );
          assert.ok(said.includes(run.samples[0]!.sample_id));
          assert.ok(!said.includes(run.samples[1]!.sample_id));
        },
      );

      await t.step("PUT verdicts stores none if one is wrong", async () => {
        const good = {
          verdict_id: crypto.randomUUID(),
          sample_id: run.samples[5]!.sample_id,
          verdict: "keep",
        };
        for (
          const bad of [
            { sample_id: "none", verdict: "keep" },
            {
              sample_id: good.sample_id,
              verdict: "relabel",
              label: "none of them",
            },
            { sample_id: good.sample_id, verdict: "keep", label: "ham" },
            { sample_id: good.sample_id, verdict: "burn" },
          ]
        ) {
          const { status, json } = await ask(
            "editor",
            "PUT",
            `${base}/verdicts`,
            {
              verdicts: [good, { verdict_id: crypto.randomUUID(), ...bad }],
            },
          );
          assert.equal(status, 400);
          assert.match(json.error.message, /verdicts\[1\]/);
        }
        assert.equal(
          (await admin`select from assay.verdicts where id = ${good.verdict_id}`)
            .length,
          0,
        );
      });

      await t.step(
        "PUT verdicts under an id of another project's verdict answers 409",
        async () => {
          const [row] =
            await admin`insert into assay.verdicts (dataset_id, sample_id, verdict)
          values (${hidden.datasetId}, ${
              hidden.samples[0]!.sample_id
            }, 'keep') returning id`;
          const answer = await ask("editor", "PUT", `${base}/verdicts`, {
            verdicts: [{
              verdict_id: row!.id,
              sample_id: run.samples[0]!.sample_id,
              verdict: "keep",
            }],
          });
          assert.equal(answer.status, 409);
        },
      );

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

      await t.step(
        "a cursor of a revision that was replaced answers 409",
        async () => {
          const { json } = await get(`${base}/samples?limit=1`);
          const revision = crypto.randomUUID();
          await admin`insert into assay.revisions (id, project_id, run_id, job_id, number, published_at)
          values (${revision}, ${mine}, ${run.runId}, ${run.jobId}, 2, now())`;
          await admin`update assay.runs set published_revision_id = ${revision} where id = ${run.runId}`;
          assert.equal(
            (await get(`${base}/samples?limit=1&cursor=${json.next_cursor}`))
              .status,
            409,
          );
          await admin`update assay.runs set published_revision_id = ${run.revisionId} where id = ${run.runId}`;
          assert.equal(
            (await get(`${base}/samples?limit=1&cursor=${json.next_cursor}`))
              .status,
            200,
          );
        },
      );

      await t.step(
        "projects are made, renamed and shared, and keep an owner",
        async () => {
          const made = await ask("stranger", "POST", "/projects", {
            name: "new",
          });
          assert.deepEqual([made.status, made.json.role], [201, "owner"]);
          const path = `/projects/${made.json.project_id}`;
          const renamed = await ask("stranger", "PATCH", path, {
            name: "newer",
          });
          assert.equal(renamed.json.name, "newer");
          const member = await ask(
            "stranger",
            "PUT",
            `${path}/members/${users.viewer}`,
            { role: "editor" },
          );
          assert.deepEqual([member.status, member.json.role], [200, "editor"]);
          assert.equal((await get(`${path}/members`)).json.rows.length, 2);
          const last = await ask(
            "stranger",
            "PUT",
            `${path}/members/${users.stranger}`,
            { role: "viewer" },
          );
          assert.deepEqual([last.status, last.json.error.code], [
            409,
            "conflict",
          ]);
          assert.equal(
            (await ask(
              "stranger",
              "DELETE",
              `${path}/members/${users.stranger}`,
            )).status,
            409,
          );
          assert.equal(
            (await ask(
              "stranger",
              "PUT",
              `${path}/members/${crypto.randomUUID()}`,
              { role: "viewer" },
            )).status,
            404,
          );
          assert.equal(
            (await ask("stranger", "PUT", `${path}/members/7`, {
              role: "viewer",
            })).status,
            404,
          );
          assert.equal(
            (await ask("stranger", "DELETE", `${path}/members/${users.viewer}`))
              .status,
            204,
          );
          assert.equal(
            (await ask("stranger", "DELETE", `${path}/members/${users.viewer}`))
              .status,
            404,
          );
          assert.equal((await get(path)).status, 404);
        },
      );

      await t.step(
        "a new key works at once, is listed without secret, and ends when revoked",
        async () => {
          const made = await ask("owner", "POST", `/projects/${mine}/keys`, {
            name: "ci",
            scopes: ["read", "read"],
          });
          assert.equal(made.status, 201);
          assert.deepEqual(made.json.scopes, ["read"]);
          assert.match(
            made.json.token,
            /^assay_[0-9A-Za-z]{10}_[0-9A-Za-z]{40}$/,
          );
          const app = createApp(createDeps(world.edge));
          const me = () =>
            app.request("/api/v1/me", {
              headers: { authorization: `Bearer ${made.json.token}` },
            });
          assert.equal((await me()).status, 200);
          const listed = await get(`/projects/${mine}/keys`, "owner");
          const row = listed.json.rows.find((key: { key_id: string }) =>
            key.key_id === made.json.key_id
          );
          assert.ok(row.last_used_at);
          assert.deepEqual(Object.keys(row).sort(), [
            "created_at",
            "expires_at",
            "key_id",
            "last_used_at",
            "name",
            "prefix",
            "scopes",
          ]);
          assert.equal(
            (await ask(
              "owner",
              "DELETE",
              `/projects/${mine}/keys/${made.json.key_id}`,
            )).status,
            204,
          );
          assert.equal((await me()).status, 401);
          const past = await ask("owner", "POST", `/projects/${mine}/keys`, {
            name: "old",
            scopes: ["read"],
            expires_at: "2020-01-01T00:00:00Z",
          });
          const expired = await app.request("/api/v1/me", {
            headers: { authorization: `Bearer ${past.json.token}` },
          });
          assert.equal(expired.status, 401);
        },
      );

      await t.step(
        "a token that is expired, forged, of another role or no token answers 401",
        async () => {
          const app = createApp(createDeps(world.edge));
          const status = async (authorization: string) =>
            (await app.request("/api/v1/me", { headers: { authorization } }))
              .status;
          const user = users.viewer!;
          assert.equal(
            await status(`Bearer ${await platform.tokenOf(user)}`),
            200,
          );
          assert.equal(
            await status(
              `Bearer ${await platform.tokenOf(user, { exp: 1_000 })}`,
            ),
            401,
          );
          assert.equal(
            await status(`Bearer ${await platform.forgedTokenOf(user)}`),
            401,
          );
          assert.equal(
            await status(
              `Bearer ${await platform.tokenOf(user, {
                role: "service_role",
              })}`,
            ),
            401,
          );
          assert.equal(
            await status(`Bearer ${await platform.tokenOf("root")}`),
            401,
          );
          assert.equal(
            await status(world.auth.readKey.slice(0, -1) + "!"),
            401,
          );
          assert.equal(
            await status(
              world.auth.readKey.slice(0, -1) +
                (world.auth.readKey.endsWith("a") ? "b" : "a"),
            ),
            401,
          );
          assert.equal(await status("Basic x"), 401);
          assert.equal(await status("Bearer a.b.c"), 401);
        },
      );

      await t.step("GET ready tells when Storage is away", async () => {
        assert.equal((await get("/ready", "anonymous")).status, 200);
        platform.down.storage = true;
        assert.equal((await get("/ready", "anonymous")).status, 503);
        platform.down.storage = false;
      });
    } finally {
      await world.stop();
    }
  });
}
