import assert from "node:assert/strict";
import { announcementOf, codeOf, testIngest } from "../testing/client.ts";

testIngest(
  "parts straight to Storage",
  async ({ t, world, newRun, part, sign, complete, finish }) => {
    const { admin, platform } = world;
    const rowsOf = (runId: string) =>
      admin`select * from assay.parts where run_id = ${runId}`;

    /** Signs, and puts the bytes where the answer says. */
    const put = async (
      runId: string,
      key: string,
      bytes: string,
      query = {},
    ) => {
      const signed = await sign(runId, key, announcementOf(bytes), query);
      assert.equal(signed.status, 201);
      const answer = await fetch(signed.json.upload_url, {
        method: "PUT",
        body: bytes,
      });
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
      return signed.json as { part_id: string; path: string };
    };

    await t.step(
      "sign names a place of its own, and complete records the part; a repeat gives the same",
      async () => {
        const id = await newRun();
        const said = announcementOf("bytes");
        const signed = await sign(id, "k", said);
        const { part_id: partId, path, bucket, token, expires_at: until } =
          signed.json;
        assert.equal(bucket, "runs");
        assert.equal(path, `${world.mine}/${id}/parts/${partId}`);
        assert.ok(signed.json.upload_url.endsWith(`?token=${token}`));
        assert.ok(Date.parse(until) > Date.now());
        assert.equal((await rowsOf(id)).length, 0);
        platform.objects.set(path, new TextEncoder().encode("bytes"));

        const done = await complete(id, partId, "k", said);
        assert.equal(done.status, 201);
        assert.deepEqual(done.json, {
          part_id: partId,
          run_id: id,
          size_bytes: 5,
          sha256: said.sha256,
        });
        const [row] = await rowsOf(id);
        assert.deepEqual([row!.id, row!.storage_path], [partId, path]);

        const again = await complete(id, partId, "k", said);
        assert.deepEqual([again.status, again.json], [200, done.json]);
        const known = await sign(id, "k", said);
        assert.deepEqual([known.status, known.json], [200, done.json]);
        assert.ok(platform.objects.has(path));
        assert.equal((await finish(id)).status, 202);
        const late = await complete(id, partId, "k", said);
        assert.deepEqual([late.status, late.json], [200, done.json]);
        assert.ok(platform.objects.has(path));
      },
    );

    await t.step(
      "complete asks for the bytes, and for as many as were announced",
      async () => {
        const id = await newRun();
        const said = announcementOf("bytes");
        const early = await sign(id, "k", said);
        const { part_id: partId, path } = early.json;
        const missing = await complete(id, partId, "k", said);
        assert.deepEqual([missing.status, codeOf(missing)], [409, "conflict"]);
        platform.objects.set(path, new Uint8Array(3));
        const short = await complete(id, partId, "k", said);
        assert.deepEqual([short.status, codeOf(short)], [409, "conflict"]);
        assert.match(short.json.error.message, /5 bytes .* 3 are in Storage/);
        assert.ok(!platform.objects.has(path));
        assert.equal((await rowsOf(id)).length, 0);
      },
    );

    await t.step(
      "the rules of key and position are those of a part sent directly",
      async () => {
        const id = await newRun();
        await part(id, "direct", "bytes");
        const said = announcementOf("bytes");
        const same = await sign(id, "direct", said);
        assert.deepEqual([same.status, same.json.size_bytes], [200, 5]);
        const other = await sign(id, "direct", announcementOf("others"));
        assert.deepEqual([other.status, codeOf(other)], [
          409,
          "idempotency_conflict",
        ]);
        const taken = await sign(id, "k", said);
        assert.deepEqual([taken.status, codeOf(taken)], [409, "conflict"]);
        const { part_id: partId } = await put(id, "k", "bytes", { seq: "1" });
        await complete(id, partId, "k", said, { seq: "1" });
        const again = await part(id, "k", "bytes", { seq: "1" });
        assert.deepEqual([again.status, again.json.part_id], [200, partId]);
        const changed = await part(id, "k", "b", { seq: "1" });
        assert.equal(codeOf(changed), "idempotency_conflict");
      },
    );

    await t.step(
      "of two uploads under one key one counts, and the other's bytes go",
      async () => {
        const id = await newRun();
        const said = announcementOf("bytes");
        const first = await put(id, "k", "bytes");
        const second = await put(id, "k", "bytes");
        const answers = await Promise.all([
          complete(id, first.part_id, "k", said),
          complete(id, second.part_id, "k", said),
        ]);
        assert.deepEqual(answers.map((a) => a.status).sort(), [200, 201]);
        assert.deepEqual(answers[0]!.json, answers[1]!.json);
        const [row] = await rowsOf(id);
        for (const { path } of [first, second]) {
          assert.equal(platform.objects.has(path), path === row!.storage_path);
        }
      },
    );

    await t.step(
      "many completions of one upload at once are one part",
      async () => {
        const id = await newRun();
        const { part_id: partId, path } = await put(id, "k", "bytes");
        const answers = await Promise.all(
          Array.from(
            { length: 8 },
            () => complete(id, partId, "k", announcementOf("bytes")),
          ),
        );
        assert.equal(answers.filter((a) => a.status === 201).length, 1);
        assert.ok(answers.every((a) => a.status < 300));
        assert.equal((await rowsOf(id)).length, 1);
        assert.ok(platform.objects.has(path));
      },
    );

    await t.step(
      "bytes that a part has are never another's, nor removed for it",
      async () => {
        const id = await newRun();
        const said = announcementOf("bytes");
        const { part_id: partId, path } = await put(id, "k", "bytes");
        await complete(id, partId, "k", said);
        const other = await complete(id, partId, "else", said, { seq: "1" });
        assert.deepEqual([other.status, codeOf(other)], [409, "conflict"]);
        const wrong = await complete(id, partId, "k", announcementOf("x"));
        assert.equal(codeOf(wrong), "idempotency_conflict");
        assert.ok(platform.objects.has(path));

        const direct = await part(id, "d", "direct", { seq: "2" });
        const [row] =
          await admin`select storage_path from assay.parts where id = ${direct.json.part_id}`;
        const name = row!.storage_path.split("/").at(-1);
        const stolen = await complete(id, name, "s", announcementOf("direct"), {
          seq: "3",
        });
        assert.deepEqual([stolen.status, codeOf(stolen)], [409, "conflict"]);
        assert.ok(platform.objects.has(row!.storage_path));
      },
    );

    await t.step(
      "a closed run takes no more, and bytes that came too late go",
      async () => {
        const id = await newRun();
        await part(id, "a", "x");
        const { part_id: partId, path } = await put(id, "k", "bytes", {
          seq: "1",
        });
        assert.equal((await finish(id)).status, 202);
        const said = announcementOf("bytes");
        const late = await complete(id, partId, "k", said, { seq: "1" });
        assert.deepEqual([late.status, codeOf(late)], [409, "run_closed"]);
        assert.ok(!platform.objects.has(path));
        const refused = await sign(id, "n", said, { seq: "2" });
        assert.deepEqual([refused.status, codeOf(refused)], [
          409,
          "run_closed",
        ]);
      },
    );

    await t.step("what is wrong is refused by name", async () => {
      const id = await newRun();
      const said = announcementOf("bytes");
      const statusOf = async (more: object, query = {}) =>
        (await sign(id, "k", { ...said, ...more }, query)).status;
      assert.equal(await statusOf({ content_type: "text/csv" }), 415);
      assert.equal(await statusOf({ content_encoding: "br" }), 415);
      assert.equal(await statusOf({ size_bytes: 0 }), 400);
      assert.equal(await statusOf({ sha256: "x" }), 400);
      assert.equal(await statusOf({}, { split: "inference" }), 400);
      assert.equal(await statusOf({ size_bytes: 257 * 2 ** 20 }), 413);
      assert.equal((await sign(id, "", said)).status, 400);
      assert.equal((await complete(id, "nope", "k", said)).status, 400);
      assert.equal((await sign(crypto.randomUUID(), "k", said)).status, 404);
    });

    await t.step(
      "another project's key reaches nothing, a reader's neither",
      async () => {
        const id = await newRun();
        const said = announcementOf("bytes");
        const { part_id: partId, path } = await put(id, "k", "bytes");
        for (
          const [persona, status] of [
            ["otherKey", 404],
            ["stranger", 404],
            ["readKey", 403],
            ["viewer", 403],
            ["anonymous", 401],
          ] as const
        ) {
          const signed = await sign(id, "k", said, {}, persona);
          assert.equal(signed.status, status);
          const done = await complete(id, partId, "k", said, {}, persona);
          assert.equal(done.status, status);
        }
        assert.ok(platform.objects.has(path));
        assert.equal((await rowsOf(id)).length, 0);
      },
    );

    await t.step("while Storage is down nothing is lost", async () => {
      const id = await newRun();
      const said = announcementOf("bytes");
      const { part_id: partId } = await put(id, "k", "bytes");
      platform.down.storage = true;
      const signed = await sign(id, "n", said, { seq: "1" });
      const done = await complete(id, partId, "k", said);
      platform.down.storage = false;
      for (const answer of [signed, done]) {
        assert.deepEqual([answer.status, codeOf(answer)], [
          503,
          "upstream_unavailable",
        ]);
      }
      assert.equal((await complete(id, partId, "k", said)).status, 201);
    });
  },
);
