// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { testEngines } from "@testing/postgres.ts";
import {
  createWorld,
  type Persona,
  type World,
} from "../_shared/testing/world.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

const RUN = { name: "first", label_names: ["ham", "spam"] };
const NDJSON = "application/x-ndjson";

/** Ingest of a world, spoken to as a persona. */
function speak(world: World) {
  const app = createApp(createDeps(world.edge));
  const send = async (
    persona: Persona,
    method: string,
    path: string,
    body?: BodyInit,
    headers: Record<string, string> = {},
  ) => {
    const response = await app.request(`/ingest/v1${path}`, {
      method,
      headers: { authorization: world.auth[persona], ...headers },
      ...(body === undefined ? {} : { body }),
    });
    // deno-lint-ignore no-explicit-any -- answers of many shapes
    const json: any = await response.json();
    return { status: response.status, json };
  };
  return {
    put: (runId: string, body: object = RUN, persona: Persona = "ingestKey") =>
      send(persona, "PUT", `/runs/${runId}`, JSON.stringify(body)),
    part: (
      runId: string,
      key: string,
      body: BodyInit,
      query: Record<string, string> = {},
      headers: Record<string, string> = {},
    ) =>
      send(
        "ingestKey",
        "POST",
        `/runs/${runId}/parts?${new URLSearchParams({
          kind: "samples",
          split: "training",
          seq: "0",
          ...query,
        })}`,
        body,
        { "idempotency-key": key, "content-type": NDJSON, ...headers },
      ),
    finish: (runId: string, body?: object, persona: Persona = "ingestKey") =>
      send(
        persona,
        "POST",
        `/runs/${runId}/finish`,
        body === undefined ? undefined : JSON.stringify(body),
      ),
    send,
  };
}

for (const engine of testEngines()) {
  Deno.test(`ingest on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const { put, part, finish, send } = speak(world);
    const { platform, admin } = world;
    const newRun = async (body: object = RUN) => {
      const id = crypto.randomUUID();
      assert.equal((await put(id, body)).status, 201);
      return id;
    };
    const code = (answer: { json: { error: { code: string } } }) =>
      answer.json.error.code;
    try {
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
          assert.deepEqual([other.status, code(other)], [409, "conflict"]);
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
          assert.deepEqual([answer.status, code(answer)], [
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
        const bad = await send(
          "ingestKey",
          "PUT",
          `/runs/${crypto.randomUUID()}`,
          "{secret",
        );
        assert.equal(bad.status, 400);
        assert.doesNotMatch(JSON.stringify(bad.json), /secret/);
        assert.equal(
          (await send("ingestKey", "PUT", "/runs/7", JSON.stringify(RUN)))
            .status,
          400,
        );
      });

      await t.step(
        "POST parts stores the bytes, the row and answers a repeat the same",
        async () => {
          const id = await newRun();
          const first = await part(id, "k", '{"id":1}\n', {}, {
            "content-encoding": "identity",
          });
          assert.equal(first.status, 201);
          assert.equal(first.json.size_bytes, 9);
          assert.equal(
            first.json.sha256,
            createHash("sha256").update('{"id":1}\n').digest("hex"),
          );
          const [row] =
            await admin`select * from assay.parts where id = ${first.json.part_id}`;
          assert.ok(row!.storage_path.startsWith(`${world.mine}/${id}/parts/`));
          assert.equal(
            new TextDecoder().decode(platform.objects.get(row!.storage_path)),
            '{"id":1}\n',
          );
          const objects = platform.objects.size;
          const again = await part(id, "k", '{"id":1}\n');
          assert.equal(again.status, 200);
          assert.deepEqual(again.json, first.json);
          assert.equal(platform.objects.size, objects);
        },
      );

      await t.step(
        "POST parts answers 409 to other bytes under the key, and to a position that is taken",
        async () => {
          const id = await newRun();
          await part(id, "k", "1");
          const other = await part(id, "k", "2");
          assert.deepEqual([other.status, code(other)], [
            409,
            "idempotency_conflict",
          ]);
          const elsewhere = await part(id, "k", "1", { seq: "1" });
          assert.deepEqual([elsewhere.status, code(elsewhere)], [
            409,
            "idempotency_conflict",
          ]);
          const taken = await part(id, "l", "1");
          assert.deepEqual([taken.status, code(taken)], [409, "conflict"]);
          assert.match(taken.json.error.message, /seq 0.*key "k"/);
        },
      );

      await t.step(
        "POST parts keeps one row and one object when the same part comes ten times at once",
        async () => {
          const id = await newRun();
          const objects = platform.objects.size;
          const answers = await Promise.all(
            Array.from({ length: 10 }, () => part(id, "k", "same")),
          );
          assert.ok(answers.every((a) => a.status === 201 || a.status === 200));
          assert.equal(new Set(answers.map((a) => a.json.part_id)).size, 1);
          assert.equal(answers.filter((a) => a.status === 201).length, 1);
          assert.equal(platform.objects.size, objects + 1);
        },
      );

      await t.step(
        "POST parts keeps one of two keys that race for a position",
        async () => {
          const id = await newRun();
          const objects = platform.objects.size;
          const answers = await Promise.all(
            ["a", "b", "c", "d"].map((key) => part(id, key, key)),
          );
          assert.deepEqual(answers.map((a) => a.status).sort(), [
            201,
            409,
            409,
            409,
          ]);
          assert.equal(platform.objects.size, objects + 1);
        },
      );

      await t.step(
        "POST parts refuses what it cannot read with 415 and a wrong envelope with 400",
        async () => {
          const id = await newRun();
          assert.equal(
            (await part(id, "k", "x", {}, { "content-type": "text/csv" }))
              .status,
            415,
          );
          assert.equal(
            (await part(id, "k", "x", {}, { "content-encoding": "br" })).status,
            415,
          );
          assert.equal((await part(id, "", "x")).status, 400);
          assert.equal((await part(id, "k", "")).status, 400);
          for (
            const query of [
              { kind: "x" },
              { split: "inference" },
              { inference_name: "june" },
              { epoch: "1" },
              { seq: "-1" },
              { seq: "99999999999" },
              { colour: "red" },
              { prediction_kind: "in_sample" },
            ]
          ) {
            assert.equal(
              (await part(id, "k", "x", query as never)).status,
              400,
              JSON.stringify(query),
            );
          }
          assert.equal(
            (await part(id, "g", "x", {
              kind: "outputs",
              split: "test",
              epoch: "3",
            }, { "content-encoding": "gzip" })).status,
            201,
          );
          const [row] =
            await admin`select * from assay.parts where run_id = ${id}`;
          assert.deepEqual(
            [row!.prediction_kind, row!.epoch, row!.content_encoding],
            ["out_of_sample", 3, "gzip"],
          );
        },
      );

      await t.step(
        "POST parts answers 413 past 32 MB, announced or not, and keeps nothing",
        async () => {
          const id = await newRun();
          const objects = platform.objects.size;
          const said = await part(id, "k", "x", {}, {
            "content-length": "33554433",
          });
          assert.deepEqual([said.status, code(said)], [413, "too_large"]);
          const chunk = new Uint8Array(1 << 20);
          let sent = 0;
          const silent = await part(
            id,
            "k",
            new ReadableStream({
              pull(controller) {
                controller.enqueue(chunk);
                if (++sent === 40) controller.close();
              },
            }) as never,
          );
          assert.deepEqual([silent.status, code(silent)], [413, "too_large"]);
          assert.equal(platform.objects.size, objects);
          assert.equal(
            (await admin`select from assay.parts where run_id = ${id}`).length,
            0,
          );
        },
      );

      await t.step(
        "POST parts holds little of a large body at any moment",
        async () => {
          const id = await newRun();
          let made = 0;
          let kept = 0;
          let most = 0;
          platform.onChunk = (bytes) => {
            kept += bytes;
            most = Math.max(most, made - kept);
          };
          const answer = await part(
            id,
            "k",
            new ReadableStream({
              pull(controller) {
                if (made === 32 << 20) return controller.close();
                made += 1 << 16;
                controller.enqueue(new Uint8Array(1 << 16));
              },
            }) as never,
          );
          platform.onChunk = () => {};
          assert.equal(answer.status, 201);
          assert.equal(answer.json.size_bytes, 32 << 20);
          assert.ok(most < 8 << 20, `${most} bytes were on their way at once`);
        },
      );

      await t.step(
        "POST parts answers 503 while Storage is down, and no row counts",
        async () => {
          const id = await newRun();
          platform.down.storage = true;
          const answer = await part(id, "k", "x");
          platform.down.storage = false;
          assert.deepEqual([answer.status, code(answer)], [
            503,
            "upstream_unavailable",
          ]);
          assert.equal((await part(id, "k", "x")).status, 201);
        },
      );

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
          assert.deepEqual([missing.status, code(missing)], [
            409,
            "parts_missing",
          ]);
          assert.equal(missing.json.error.details.count, 2);
          assert.deepEqual(
            missing.json.error.details.missing.map((m: { seq: number }) =>
              m.seq
            ),
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
          assert.deepEqual([late.status, code(late)], [409, "run_closed"]);
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
          assert.deepEqual([answer.status, code(answer)], [
            422,
            "unusable_input",
          ]);
        },
      );

      await t.step("nothing logged holds a token or a body", () => {
        const text = world.logged.join("\n");
        assert.ok(world.logged.length > 20);
        for (const header of Object.values(world.auth)) {
          if (header) assert.ok(!text.includes(header.slice(20)));
        }
        assert.ok(!text.includes('{"id":1}'));
      });
    } finally {
      await world.stop();
    }
  });
}
