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
      const kept = await make("ready", "3 days", null);
      const young = await make("pending", "1 hour", null);
      const old = await make("pending", "2 days", null);
      const hidden = await make("ready", "3 days", "1 hour");
      const gone = await make("ready", "3 days", "2 days");

      assert.equal(await sweepModels(worker, objects), 3);
      const rows = await admin`select id from assay.models`;
      assert.deepEqual(
        rows.map(({ id }) => id).sort(),
        [kept, young, hidden].sort(),
      );
      const left = [...files.keys()].map((path) => path.split("/")[2]);
      assert.deepEqual(left.sort(), [kept, young].sort());
      assert.ok(![old, gone].some((id) => left.includes(id)));
      assert.equal(await sweepModels(worker, objects), 0);
    } finally {
      await world.drop();
    }
  });
}
