// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: models",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { mine, platform, admin } = world;
    const { objects } = platform;
    const spec = {
      project_id: mine,
      name: "forest",
      input_kind: "features",
      class_names: ["ham", "spam"],
    };
    const bytes = new Uint8Array(3000).fill(7);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const sha256 = Array.from(
      new Uint8Array(digest),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("");
    const pathOf = (id: string) => `/models/${id}`;
    const make = async (more: object = {}) => {
      const id = crypto.randomUUID();
      const made = await ask("owner", "PUT", pathOf(id), { ...spec, ...more });
      assert.equal(made.status, 201);
      return id;
    };
    const stored = (id: string) =>
      [...objects.keys()].filter((path) => path.includes(id));

    await t.step("a model is described, sent, listed and deleted", async () => {
      const id = await make();
      const path = pathOf(id);
      const pending = await get(path);
      assert.deepEqual(
        [pending.json.state, pending.json.size_bytes, pending.json.sha256],
        ["pending", null, null],
      );
      assert.equal(pending.json.created_by, world.users.owner);
      assert.deepEqual(pending.json.class_names, ["ham", "spam"]);
      const sent = await ask("owner", "PUT", `${path}/bytes`, bytes);
      assert.deepEqual(
        [sent.status, sent.json.state, sent.json.size_bytes, sent.json.sha256],
        [200, "ready", 3000, sha256],
      );
      const [object] = stored(id);
      assert.match(object!, new RegExp(`^${mine}/models/${id}/`));
      assert.deepEqual(objects.get(object!), bytes);
      const listed = await get(`/models?project_id=${mine}&name=forest`);
      const { class_names: _, ...rest } = sent.json;
      assert.deepEqual(listed.json.rows, [{ ...rest, n_classes: 2 }]);
      assert.deepEqual((await get(path)).json, sent.json);
      assert.deepEqual((await get("/models?name=tree")).json.rows, []);
      assert.deepEqual((await get("/models", "stranger")).json.rows, []);

      const gone = await ask("owner", "DELETE", path);
      assert.equal(gone.status, 204);
      assert.deepEqual(stored(id), []);
      assert.equal((await get(path)).status, 404);
      assert.deepEqual((await get("/models")).json.rows, []);
      assert.equal((await ask("owner", "DELETE", path)).status, 404);
      const again = await ask("owner", "PUT", path, spec);
      assert.deepEqual([again.status, again.json.error.code], [
        409,
        "conflict",
      ]);
    });

    await t.step(
      "the same again changes nothing, another is refused",
      async () => {
        const id = await make({ name: "twice" });
        const path = pathOf(id);
        const same = await ask("owner", "PUT", path, {
          ...spec,
          name: "twice",
        });
        assert.equal(same.status, 200);
        const other = await ask("owner", "PUT", path, {
          ...spec,
          name: "once",
        });
        assert.deepEqual([other.status, other.json.error.code], [
          409,
          "conflict",
        ]);
        const first = await ask("owner", "PUT", `${path}/bytes`, bytes);
        const second = await ask("owner", "PUT", `${path}/bytes`, bytes);
        assert.deepEqual(second.json, first.json);
        const changed = await ask("owner", "PUT", `${path}/bytes`, "others");
        assert.deepEqual([changed.status, changed.json.error.code], [
          409,
          "idempotency_conflict",
        ]);
        assert.equal(stored(id).length, 1);
      },
    );

    await t.step(
      "two uploads at once leave one model and one object",
      async () => {
        const id = await make({ name: "race" });
        const answers = await Promise.all(
          [bytes, "others"].map((body) =>
            ask("owner", "PUT", `${pathOf(id)}/bytes`, body)
          ),
        );
        assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409]);
        assert.equal(stored(id).length, 1);
      },
    );

    await t.step("a large one goes straight to Storage", async () => {
      const id = await make({ name: "large" });
      const path = pathOf(id);
      const said = { size_bytes: bytes.length, sha256 };
      const early = await ask("owner", "POST", `${path}/complete`, said);
      assert.deepEqual([early.status, early.json.error.code], [
        409,
        "conflict",
      ]);
      const signed = await ask("owner", "POST", `${path}/sign`, said);
      assert.equal(signed.status, 201);
      await fetch(signed.json.upload_url, { method: "PUT", body: bytes });
      const short = { ...said, size_bytes: 7 };
      const wrong = await ask("owner", "POST", `${path}/complete`, short);
      assert.deepEqual([wrong.status, stored(id)], [409, []]);
      const anew = await ask("owner", "POST", `${path}/sign`, said);
      await fetch(anew.json.upload_url, { method: "PUT", body: bytes });
      const done = await ask("owner", "POST", `${path}/complete`, said);
      assert.deepEqual([done.status, done.json.state, done.json.sha256], [
        200,
        "ready",
        sha256,
      ]);
      const after = await ask("owner", "POST", `${path}/complete`, said);
      assert.deepEqual(after.json, done.json);
      assert.equal(
        (await ask("owner", "POST", `${path}/sign`, said)).status,
        200,
      );
      const huge = { ...said, size_bytes: 300 * 1_048_576 };
      assert.equal(
        (await ask("owner", "POST", `${path}/sign`, huge)).status,
        413,
      );
    });

    await t.step(
      "too many bytes and none are refused, and nothing is kept",
      async () => {
        const id = await make({ name: "sizes" });
        const path = `${pathOf(id)}/bytes`;
        const none = await ask("owner", "PUT", path, new Uint8Array(0));
        assert.deepEqual([none.status, none.json.error.message], [
          400,
          "Cannot take model: its body is empty",
        ]);
        const large = await ask(
          "owner",
          "PUT",
          path,
          new Uint8Array(33 * 1_048_576),
        );
        assert.equal(large.status, 413);
        assert.match(large.json.error.message, /ask for its place with sign/);
        assert.deepEqual(stored(id), []);
        assert.equal((await get(pathOf(id))).json.state, "pending");
      },
    );

    await t.step(
      "only owners and admin keys make, send and delete",
      async () => {
        const id = await make({ name: "mine" });
        for (const persona of ["viewer", "editor", "writeKey"] as const) {
          const answers = await Promise.all([
            ask(persona, "PUT", pathOf(crypto.randomUUID()), spec),
            ask(persona, "PUT", `${pathOf(id)}/bytes`, "x"),
            ask(persona, "DELETE", pathOf(id)),
          ]);
          assert.deepEqual(answers.map((a) => a.status), [403, 403, 403]);
        }
        const rows = await admin`
        select from assay.models where id = ${id} and deleted_at is null`;
        assert.equal(rows.length, 1);
      },
    );

    await t.step("only they have a run scored by one", async () => {
      const run = await seedRun(admin, mine, 5);
      const id = await make({ name: "scorer" });
      const request = {
        job_kind: "rescore_run",
        run_id: run.runId,
        model_id: id,
        prediction_kind: "out_of_sample",
      };
      for (const persona of ["viewer", "editor", "writeKey"] as const) {
        const answer = await ask(persona, "POST", "/jobs", request);
        assert.deepEqual([answer.status, answer.json.error.message], [
          403,
          'Cannot do this: it needs the scope "admin" on the project',
        ]);
      }
      const early = await ask("owner", "POST", "/jobs", request);
      assert.deepEqual([early.status, early.json.error.message], [
        409,
        `Cannot rescore by model "${id}": its bytes were not sent yet`,
      ]);
      await ask("owner", "PUT", `${pathOf(id)}/bytes`, bytes);
      const alien = crypto.randomUUID();
      const theirs = { ...spec, project_id: world.other };
      await ask("stranger", "PUT", pathOf(alien), theirs);
      for (const other of [alien, crypto.randomUUID()]) {
        const answer = await ask("owner", "POST", "/jobs", {
          ...request,
          model_id: other,
        });
        assert.equal(answer.status, 404);
      }
      const asked = await ask("adminKey", "POST", "/jobs", request);
      assert.equal(asked.status, 202);
      const [job] = await admin`
        select request from assay.jobs where id = ${asked.json.job_id}`;
      assert.equal(job!.request.model_id, id);
      assert.equal(job!.request.prediction_kind, "out_of_sample");
      const bare = { ...request, model_id: null };
      assert.equal((await ask("owner", "POST", "/jobs", bare)).status, 400);
    });
  },
);
