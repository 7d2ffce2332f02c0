import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { World } from "../jobs/testing/world.ts";
import { sweepModels } from "./sweep_models.ts";

for (const engine of testEngines()) {
  Deno.test(`sweepModels() on ${engine.name}`, async () => {
    const world = await World.create(engine);
    const { admin, worker, objects, projectId, files } = world;
    try {
      const make = async (
        state: "pending" | "ready",
        createdAt: string,
        deletedAt: string | null,
      ) => {
        const id = crypto.randomUUID();
        const isReady = state === "ready";
        const path = `${projectId}/models/${id}/x.onnx`;
        await objects.upload(path, Uint8Array.of(1), "x");
        await admin`
          insert into assay.models (id, project_id, name, input_kind, class_names, outputs, request_digest, state, size_bytes, sha256,
            storage_path, created_at, deleted_at)
          values (${id}, ${projectId}, 'm', 'features', ${[
          "a",
        ]}, '{}', ${new Uint8Array(
          32,
        )}, ${state}, ${isReady ? 1 : null}, ${
          isReady ? new Uint8Array(32) : null
        }, ${isReady ? path : null}, now() - ${createdAt}::interval,
            now() - ${deletedAt}::interval)`;
        return id;
      };
      const put = (id: string, name: string, ageMs: number) =>
        files.set(`${projectId}/models/${id}/${name}`, {
          bytes: Uint8Array.of(1),
          createdAt: new Date(Date.now() - ageMs),
        });
      const hour = 3_600_000;
      const kept = await make("ready", "3 days", null);
      const young = await make("pending", "1 hour", null);
      const old = await make("pending", "2 days", null);
      const hidden = await make("ready", "3 days", "1 hour");
      const gone = await make("ready", "3 days", "2 days");
      const twice = await make("ready", "3 hours", null);
      put(twice, "x.onnx", 3 * hour);
      put(twice, "lost.onnx", 2 * hour);
      put(twice, "late.onnx", 0);
      const before = new Date(Date.now() - hour);

      assert.equal(await sweepModels(worker, objects, before), 4);
      const rows = await admin`select id, deleted_at from assay.models`;
      assert.deepEqual(
        rows.map(({ id }) => id).sort(),
        [kept, young, old, hidden, twice].sort(),
      );
      assert.deepEqual(
        rows.filter((row) => row.deleted_at !== null).map(({ id }) => id)
          .sort(),
        [old, hidden].sort(),
      );
      const left = [...files.keys()].map((path) =>
        path.split("/").slice(2).join("/")
      );
      assert.deepEqual(
        left.sort(),
        [
          `${kept}/x.onnx`,
          `${young}/x.onnx`,
          `${twice}/x.onnx`,
          `${twice}/late.onnx`,
        ].sort(),
      );
      assert.ok(!rows.some(({ id }) => id === gone));
      assert.equal(await sweepModels(worker, objects, before), 0);

      put(old, "late.onnx", 0); // by a signed URL
      await admin`update assay.models set deleted_at = now() - interval '2 days' where id = ${old}`;
      assert.equal(await sweepModels(worker, objects, before), 1);
      const [row] = await admin`select from assay.models where id = ${old}`;
      assert.equal(row, undefined);
    } finally {
      await world.drop();
    }
  });
}
