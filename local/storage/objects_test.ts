import assert from "node:assert/strict";
import { bytes, OWNERS_POLICIES, refusal, text } from "./testing/ask.ts";
import { withStorage } from "./testing/world.ts";

Deno.test("Storage: objects of the unmodified client", async (t) => {
  await withStorage(async (world) => {
    await world.service.storage.createBucket("a", { public: false });
    await world.service.storage.createBucket("b", { public: true });
    const { service, publicUrl, keys } = world;
    const a = service.storage.from("a");

    await t.step(
      "upload() of a Blob keeps type, cache time and metadata",
      async () => {
        const blob = new Blob(["form"], { type: "image/png" });
        await a.upload("o/form", blob, {
          cacheControl: "7",
          metadata: { who: "Zoë" },
        });
        const { data } = await a.info("o/form");
        assert.equal(data!.contentType, "image/png");
        assert.equal(data!.cacheControl, "max-age=7");
        assert.deepEqual(data!.metadata, { who: "Zoë" });
        assert.equal(await text(service, "a", "o/form"), "form");
      },
    );

    await t.step(
      "upload() of bytes keeps metadata from the header",
      async () => {
        await a.upload("o/raw", bytes("raw"), { metadata: { n: 1 } });
        assert.deepEqual((await a.info("o/raw")).data!.metadata, { n: 1 });
        await a.update("o/raw", bytes("new"), { contentType: "a/b" });
        const { data } = await a.info("o/raw");
        assert.deepEqual([data!.metadata, data!.contentType], [{}, "a/b"]);
      },
    );

    await t.step("an empty object is an object", async () => {
      await a.upload("o/empty", bytes(""));
      assert.equal(await text(service, "a", "o/empty"), "");
    });

    await t.step(
      "the owner of what a person writes is that person",
      async () => {
        await world.admin.unsafe(OWNERS_POLICIES);
        const mine = world.member.storage.from("a");
        assert.equal((await mine.upload("own/x", bytes("mine"))).error, null);
        assert.equal(await text(world.member, "a", "own/x"), "mine");
        assert.equal(await text(world.stranger, "a", "own/x"), undefined);
        const other = world.stranger.storage.from("a");
        assert.equal(
          (await refusal(other.upload("own/x", bytes(""), {
            upsert: true,
          })))![0],
          "403",
        );
        assert.equal(
          (await refusal(mine.upload("else/x", bytes(""))))![0],
          "403",
        );
      },
    );

    await t.step(
      "who may only make objects makes them, but replaces and sees none",
      async () => {
        await world.admin`
          create policy test_drop on storage.objects for insert to authenticated
          with check (bucket_id = 'a' and (storage.foldername(name))[1] = 'drop')`;
        const drop = world.stranger.storage.from("a");
        await world.admin`drop policy test_select on storage.objects`;
        assert.equal((await drop.upload("drop/x", bytes("x"))).error, null);
        assert.equal(
          (await refusal(drop.upload("drop/x", bytes("y"))))![0],
          "409",
        );
        for (const key of ["drop/x", "drop/new"]) {
          const upsert = drop.upload(key, bytes("y"), { upsert: true });
          assert.equal((await refusal(upsert))![0], "403");
        }
        assert.equal(await text(world.stranger, "a", "drop/x"), undefined);
        assert.equal(await text(service, "a", "drop/x"), "x");
      },
    );

    await t.step("what the client has is not sent again", async () => {
      const get = async (headers: Record<string, string>) => {
        const answer = await fetch(
          `${publicUrl}/object/authenticated/a/o/form`,
          {
            headers: { authorization: `Bearer ${keys.service}`, ...headers },
          },
        );
        return [answer.status, await answer.text()];
      };
      const { data } = await a.info("o/form");
      const etag = data!.etag!;
      assert.deepEqual(await get({ "if-none-match": etag }), [304, ""]);
      assert.deepEqual(await get({ "if-none-match": `"x", W/${etag}` }), [
        304,
        "",
      ]);
      assert.deepEqual(await get({ "if-none-match": '"x"' }), [200, "form"]);
      const now = new Date(Date.now() + 1000).toUTCString();
      assert.deepEqual(await get({ "if-modified-since": now }), [304, ""]);
      assert.deepEqual(
        await get({ "if-modified-since": new Date(0).toUTCString() }),
        [200, "form"],
      );
    });

    await t.step(
      "ranges from either end, and none beyond the last byte",
      async () => {
        await a.upload("o/range", bytes("0123456789"));
        const get = async (range: string) => {
          const answer = await fetch(`${publicUrl}/object/a/o/range`, {
            headers: { authorization: `Bearer ${keys.service}`, range },
          });
          return [
            answer.status,
            answer.headers.get("content-range"),
            await answer.text(),
          ];
        };
        assert.deepEqual(await get("bytes=-3"), [206, "bytes 7-9/10", "789"]);
        assert.deepEqual(await get("bytes=8-99"), [206, "bytes 8-9/10", "89"]);
        assert.deepEqual(await get("bytes=4-"), [
          206,
          "bytes 4-9/10",
          "456789",
        ]);
        assert.equal((await get("bytes=10-"))[0], 400);
      },
    );

    await t.step(
      "a public bucket is read by anybody, and written by nobody",
      async () => {
        await service.storage.from("b").upload("d/x.html", bytes("<p>"), {
          contentType: "text/html",
        });
        const { data } = world.anon.storage.from("b").getPublicUrl("d/x.html", {
          download: "ä b.html",
        });
        const answer = await fetch(data.publicUrl);
        assert.equal(await answer.text(), "<p>");
        assert.equal(answer.headers.get("content-type"), "text/plain");
        assert.equal(
          answer.headers.get("content-disposition"),
          "attachment; filename=%C3%A4%20b.html; filename*=UTF-8''%C3%A4%20b.html",
        );
        assert.equal(await text(world.anon, "b", "d/x.html"), "<p>");
        const info = await fetch(`${publicUrl}/object/info/public/b/d/x.html`);
        assert.equal((await info.json()).size, 3);
        assert.equal(
          (await refusal(world.anon.storage.from("b").upload("y", bytes(""))))![
            0
          ],
          "403",
        );
      },
    );

    await t.step("no key leads out of the folder", async () => {
      for (const key of ["..%2Fx", "o/..%2F..%2Fx", "%2e%2e%2fx", "..%5cx"]) {
        const answer = await fetch(`${world.url}/object/a/${key}`, {
          method: "POST",
          body: "x",
          headers: { authorization: `Bearer ${keys.service}` },
        });
        assert.equal((await answer.json()).code, "InvalidKey", key);
      }
      const moved = await refusal(a.move("o/raw", "o/../../x"));
      assert.deepEqual(moved, ["400", "Invalid key: o/../../x"]);
    });
  });
});
