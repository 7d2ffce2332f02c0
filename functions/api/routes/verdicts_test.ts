// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: verdicts",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { admin, mine, other, users } = world;
    const run = await seedRun(admin, mine);
    const hidden = await seedRun(admin, other);
    const base = `/runs/${run.runId}`;

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
  },
);
