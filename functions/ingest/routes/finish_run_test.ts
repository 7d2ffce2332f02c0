import assert from "node:assert/strict";
import { codeOf, RUN, testIngest } from "../testing/client.ts";

testIngest("POST finish", async ({ t, world, newRun, part, finish }) => {
  const { admin, platform } = world;

  await t.step(
    "POST finish lists missing parts, then closes the run, asks for its job and rings",
    async () => {
      const id = await newRun();
      await part(id, "a", "x");
      await part(id, "b", "x", { kind: "outputs", epoch: "1", seq: "1" });
      const manifest = [
        { part_kind: "samples", split: "training", parts: 1, rows: 1 },
        {
          part_kind: "outputs",
          split: "training",
          epoch: 1,
          parts: 3,
          rows: 1,
        },
      ];
      const missing = await finish(id, { manifest });
      assert.deepEqual([missing.status, codeOf(missing)], [
        409,
        "parts_missing",
      ]);
      assert.equal(missing.json.error.details.count, 2);
      assert.deepEqual(
        missing.json.error.details.missing.map((m: { seq: number }) => m.seq),
        [0, 2],
      );
      await part(id, "c", "x", { kind: "outputs", epoch: "1", seq: "0" });
      await part(id, "d", "x", { kind: "outputs", epoch: "1", seq: "2" });
      platform.published.length = 0;
      const done = await finish(id, { manifest });
      assert.equal(done.status, 202);
      assert.equal(done.json.state, "closed");
      const [message] = platform.published;
      assert.equal(
        message!.destination,
        "http://worker.test/base/v1/tasks",
      );
      const [task] =
        await admin`select t.id, t.rung_at, t.stage, o.sent_at from assay.tasks t
    join assay.outbox o on o.task_id = t.id where t.job_id = ${done.json.job_id}`;
      assert.deepEqual(message!.body, { version: 1, taskId: task!.id });
      assert.equal(message!.headers.get("upstash-retries"), "3");
      assert.equal(task!.stage, "fold");
      assert.ok(task!.rung_at && task!.sent_at);

      const again = await finish(id, { manifest });
      assert.equal(again.status, 202);
      assert.deepEqual(again.json, done.json);
      assert.equal(platform.published.length, 1);
      const late = await part(id, "late", "x", { seq: "9" });
      assert.deepEqual([late.status, codeOf(late)], [409, "run_closed"]);
      assert.equal((await part(id, "a", "x")).status, 200);
    },
  );

  await t.step(
    "POST finish succeeds while the queue is down, and a repeat rings",
    async () => {
      const id = await newRun();
      await part(id, "a", "x");
      platform.down.queue = true;
      platform.published.length = 0;
      const done = await finish(id);
      platform.down.queue = false;
      assert.equal(done.status, 202);
      assert.equal(platform.published.length, 0);
      assert.ok(
        world.logged.some((line) => line.includes("doorbell_not_rung")),
      );
      await admin`update assay.outbox set claimed_until = null`;
      assert.deepEqual((await finish(id)).json, done.json);
      assert.equal(platform.published.length, 1);
    },
  );

  await t.step(
    "POST finish waits for every writer, and one job comes of all that finish at once",
    async () => {
      const id = await newRun({ ...RUN, writers: 4 });
      await part(id, "a", "x");
      const first = await finish(id, { writer: "0" });
      assert.deepEqual([
        first.status,
        first.json.writers_missing,
        first.json.job_id,
      ], [200, 3, null]);
      assert.equal(
        (await finish(id, { writer: "0" })).json.writers_missing,
        3,
      );
      const answers = await Promise.all(
        ["1", "2", "3"].map((writer) => finish(id, { writer })),
      );
      assert.deepEqual(answers.map((a) => a.status).sort(), [
        200,
        200,
        202,
      ]);
      assert.equal(
        (await admin`select from assay.jobs where run_id = ${id}`).length,
        1,
      );
    },
  );

  await t.step(
    "POST finish with incomplete closes for all writers and says so on the run",
    async () => {
      const id = await newRun({ ...RUN, writers: 2 });
      await part(id, "a", "x");
      const done = await finish(id, {
        incomplete: true,
        manifest: [{
          part_kind: "samples",
          split: "training",
          parts: 2,
          rows: 1,
        }],
      });
      assert.deepEqual([done.status, done.json.writers_missing], [202, 1]);
      const [run] =
        await admin`select incomplete, state from assay.runs where id = ${id}`;
      assert.deepEqual({ ...run }, { incomplete: true, state: "closed" });
    },
  );

  await t.step(
    "POST finish keeps the higher generation of a writer",
    async () => {
      const id = await newRun({ ...RUN, writers: 2 });
      await part(id, "a", "x");
      await finish(id, { writer: "0", generation: 1 });
      await finish(id, { writer: "0", generation: 0, manifest: [] });
      const [row] =
        await admin`select generation, manifest from assay.writers where run_id = ${id}`;
      assert.deepEqual({ ...row }, { generation: 1, manifest: null });
    },
  );

  await t.step(
    "POST finish answers 422 to a run without parts",
    async () => {
      const answer = await finish(await newRun());
      assert.deepEqual([answer.status, codeOf(answer)], [
        422,
        "unusable_input",
      ]);
    },
  );

  await t.step("nothing logged holds a token", () => {
    const text = world.logged.join("\n");
    assert.ok(world.logged.length > 20);
    for (const header of Object.values(world.auth)) {
      if (header) assert.ok(!text.includes(header.slice(20)));
    }
  });
});
