// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: exports",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get, app }) => {
    const { admin, mine, platform } = world;

    await t.step(
      "an export is asked for once, and downloaded as one file when it is there",
      async () => {
        const request = { job_kind: "export_project", project_id: mine };
        const first = await ask("editor", "POST", "/jobs", request);
        assert.equal(first.status, 202);
        assert.deepEqual(
          (await ask("editor", "POST", "/jobs", request)).json,
          first.json,
        );
        const withParts = await ask("editor", "POST", "/jobs", {
          ...request,
          include_parts: true,
        });
        assert.notEqual(withParts.json.job_id, first.json.job_id);
        const id = first.json.job_id;
        const path = `/jobs/${id}/export`;
        const early = await get(path);
        assert.deepEqual([early.status, early.json.error.code], [
          409,
          "conflict",
        ]);

        const pieces = [
          Uint8Array.of(1, 2, 3),
          Uint8Array.of(4),
          Uint8Array.of(5, 6),
        ];
        const paths = pieces.map((_, i) => `${mine}/exports/x/${i}`);
        pieces.forEach((bytes, i) => platform.objects.set(paths[i]!, bytes));
        await admin`
          update assay.tasks set state = 'succeeded', result = ${
          admin.json({ paths, size_bytes: 6 })
        } where job_id = ${id}`;
        await admin`update assay.jobs set state = 'succeeded', finished_at = now() where id = ${id}`;
        const response = await app.request(`/api/v1${path}`, {
          headers: { authorization: world.auth.viewer },
        });
        assert.equal(response.headers.get("content-length"), "6");
        assert.match(
          response.headers.get("content-disposition")!,
          /filename="assay-export-.*\.tar\.gz"/,
        );
        assert.deepEqual(
          await response.bytes(),
          Uint8Array.of(1, 2, 3, 4, 5, 6),
        );

        platform.objects.clear();
        assert.equal((await get(path)).status, 404, "it was removed since");
      },
    );

    await t.step("another job has no export", async () => {
      const [job] = await admin`
        insert into assay.jobs (project_id, job_kind, stage, pending_tasks) values (${mine}, 'score_run', 'fold', 1) returning id`;
      const answer = await get(`/jobs/${job!.id}/export`);
      assert.equal(answer.status, 404);
    });
  },
);
