import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { type SeededRun, seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: samples",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, get }) => {
    const { admin, mine, platform } = world;
    const run = await seedRun(admin, mine);
    const base = `/runs/${run.runId}`;

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
  },
);
