import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { codeOf, testIngest } from "../testing/client.ts";

testIngest("POST parts", async ({ t, world, newRun, part }) => {
  const { admin, platform } = world;

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
      assert.ok(!world.logged.join("\n").includes('"id":1'));
      assert.equal(platform.objects.size, objects);
    },
  );

  await t.step(
    "POST parts answers 409 to other bytes under the key, and to a position that is taken",
    async () => {
      const id = await newRun();
      await part(id, "k", "1");
      const other = await part(id, "k", "2");
      assert.deepEqual([other.status, codeOf(other)], [
        409,
        "idempotency_conflict",
      ]);
      const elsewhere = await part(id, "k", "1", { seq: "1" });
      assert.deepEqual([elsewhere.status, codeOf(elsewhere)], [
        409,
        "idempotency_conflict",
      ]);
      const taken = await part(id, "l", "1");
      assert.deepEqual([taken.status, codeOf(taken)], [409, "conflict"]);
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
      const [row] = await admin`select * from assay.parts where run_id = ${id}`;
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
      assert.deepEqual([said.status, codeOf(said)], [413, "too_large"]);
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
      assert.deepEqual([silent.status, codeOf(silent)], [413, "too_large"]);
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
      assert.deepEqual([answer.status, codeOf(answer)], [
        503,
        "upstream_unavailable",
      ]);
      assert.equal((await part(id, "k", "x")).status, 201);
    },
  );

  await t.step(
    "POST parts notes that a run is alive, once a minute and only while it is open",
    async () => {
      const id = await newRun();
      const lastPart = async () => {
        const [run] = await admin`
          select extract(epoch from now() - last_part_at)::float8 as ago from assay.runs where id = ${id}`;
        return run!.ago as number;
      };
      const silentFor = (seconds: number) =>
        admin`update assay.runs set last_part_at = now() - make_interval(secs => ${seconds}) where id = ${id}`;
      await silentFor(3600);
      assert.equal((await part(id, "a", "x", { seq: "0" })).status, 201);
      assert.ok(await lastPart() < 60);
      await silentFor(30);
      assert.equal((await part(id, "b", "x", { seq: "1" })).status, 201);
      assert.ok(await lastPart() >= 30);
      await silentFor(3600);
      await admin`update assay.runs set state = 'closed', closed_at = now() where id = ${id}`;
      assert.equal(
        codeOf(await part(id, "c", "x", { seq: "2" })),
        "run_closed",
      );
      assert.ok(await lastPart() >= 3600);
    },
  );
});
