import assert from "node:assert/strict";
import { codeOf, RUN, testIngest } from "../testing/client.ts";

testIngest("PUT runs", async ({ t, world, ask, put, newRun }) => {
  const { admin } = world;

  await t.step(
    "PUT makes a run with defaults and answers a retry the same",
    async () => {
      const id = crypto.randomUUID();
      const first = await put(id, { label_names: ["a"] });
      assert.equal(first.status, 201);
      assert.equal(first.json.project_id, world.mine);
      assert.equal(first.json.state, "open");
      const again = await put(id.toUpperCase(), { label_names: ["a"] });
      assert.equal(again.status, 200);
      assert.deepEqual(again.json, first.json);
      const [row] =
        await admin`select r.name, d.name as dataset from assay.runs r
    join assay.datasets d on d.id = r.dataset_id where r.id = ${id}`;
      assert.equal(row!.name, id.slice(0, 8));
      assert.equal(row!.dataset, "mine");
    },
  );

  await t.step(
    "PUT takes the project by name and by id alike",
    async () => {
      const id = crypto.randomUUID();
      assert.equal(
        (await put(id, { ...RUN, project: "mine" }, "editor")).status,
        201,
      );
      assert.equal(
        (await put(id, { ...RUN, project: world.mine }, "editor")).status,
        200,
      );
      assert.equal((await put(id, RUN, "editor")).status, 200);
      assert.equal(
        (await put(crypto.randomUUID(), { ...RUN, project: "other" }))
          .status,
        404,
      );
    },
  );

  await t.step(
    "PUT answers 409 to another request under the same id, 404 to a stranger's",
    async () => {
      const id = await newRun();
      const other = await put(id, { ...RUN, label_names: ["x"] });
      assert.deepEqual([other.status, codeOf(other)], [409, "conflict"]);
      assert.equal((await put(id, RUN, "otherKey")).status, 404);
    },
  );

  await t.step(
    "PUT asks a person with several projects which one is meant",
    async () => {
      const second = crypto.randomUUID();
      await admin`insert into assay.projects (id, name) values (${second}, 'second')`;
      await admin`insert into assay.members (project_id, user_id, role) values (${second}, ${world
        .users.owner!}, 'viewer')`;
      const answer = await put(crypto.randomUUID(), RUN, "owner");
      assert.deepEqual([answer.status, codeOf(answer)], [
        400,
        "validation_failed",
      ]);
      const named = await put(crypto.randomUUID(), {
        ...RUN,
        project: "second",
      }, "owner");
      assert.equal(named.status, 403);
      await admin`delete from assay.projects where id = ${second}`;
    },
  );

  await t.step(
    "PUT counts attempts without a gap when twenty come at once",
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          put(crypto.randomUUID(), {
            ...RUN,
            name: "raced",
            dataset: "raced",
          })),
      );
      assert.deepEqual(
        answers.map((a) => a.json.attempt).sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      assert.equal(new Set(answers.map((a) => a.json.dataset_id)).size, 1);
    },
  );

  await t.step(
    "PUT makes one run when the same request comes ten times at once",
    async () => {
      const id = crypto.randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => put(id, { ...RUN, name: "once" })),
      );
      assert.equal(answers.filter((a) => a.status === 201).length, 1);
      assert.ok(answers.every((a) => a.json.attempt === 1));
    },
  );

  await t.step("PUT names the field that is wrong", async () => {
    for (
      const [body, field] of [
        [{}, /label_names/],
        [{ label_names: ["a", "a"] }, /label_names.*unique/],
        [{ label_names: ["a"], writers: 0 }, /writers/],
        [{ label_names: ["a\0"] }, /label_names\[0\].*NUL/],
        [{ label_names: ["a"], colour: 1 }, /colour/],
        [{
          label_names: ["a"],
          metadata_schema: { type: "object", pattern: "(a+)+" },
        }, /pattern/],
      ] as const
    ) {
      const answer = await put(crypto.randomUUID(), body);
      assert.equal(answer.status, 400);
      assert.match(answer.json.error.message, field);
    }
    const bad = await ask(
      "ingestKey",
      "PUT",
      `/runs/${crypto.randomUUID()}`,
      "{secret",
    );
    assert.equal(bad.status, 400);
    assert.doesNotMatch(JSON.stringify(bad.json), /secret/);
    assert.equal(
      (await ask("ingestKey", "PUT", "/runs/7", JSON.stringify(RUN)))
        .status,
      400,
    );
  });
});
