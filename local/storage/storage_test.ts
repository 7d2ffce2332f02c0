import assert from "node:assert/strict";
import type { SupabaseClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { withStorage } from "./testing/world.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("Storage answers the unmodified client", async (t) => {
  await withStorage(async (world) => {
    const { service, anon, member, stranger, projectId } = world;
    const runs = service.storage.from("runs");
    const path = `${projectId}/run/parts/a.json`;

    await t.step(
      "a stream is uploaded and downloaded, byte for byte",
      async () => {
        const sent = crypto.getRandomValues(new Uint8Array(60_000));
        const { data, error } = await runs.upload(
          path,
          new Blob([sent]).stream(),
          { contentType: "application/json", duplex: "half" },
        );
        assert.equal(error, null);
        assert.equal(data!.path, path);
        const got = await runs.download(path);
        assert.deepEqual(new Uint8Array(await got.data!.arrayBuffer()), sent);
      },
    );

    await t.step(
      "a second upload of the same path is a duplicate, unless it may replace",
      async () => {
        const again = await runs.upload(path, bytes("b"));
        assert.equal(
          (again.error as unknown as { statusCode: string }).statusCode,
          "409",
        );
        const upsert = await runs.upload(path, bytes("c"), {
          upsert: true,
          contentType: "text/plain",
        });
        assert.equal(upsert.error, null);
        assert.equal(await (await runs.download(path)).data!.text(), "c");
        const blobs = [...Deno.readDirSync(world.folder)].flatMap((
          d,
        ) => [...Deno.readDirSync(`${world.folder}/${d.name}`)]);
        assert.equal(blobs.length, 1, "the replaced bytes are gone");
      },
    );

    await t.step("a range is part of the bytes", async () => {
      await runs.upload(`${projectId}/range`, bytes("0123456789"));
      const answer = await fetch(
        `${world.url}/object/runs/${projectId}/range`,
        {
          headers: {
            range: "bytes=2-4",
            authorization: `Bearer ${world.keys.service}`,
          },
        },
      );
      assert.equal(answer.status, 206);
      assert.equal(answer.headers.get("content-range"), "bytes 2-4/10");
      assert.equal(await answer.text(), "234");
    });

    await t.step("info, exists and list tell what is there", async () => {
      const info = await runs.info(path);
      assert.equal(info.data!.size, 1);
      assert.equal((await runs.exists(path)).data, true);
      assert.equal((await runs.exists("none")).data, false);
      const root = await runs.list(projectId);
      assert.deepEqual(root.data!.map((e) => [e.name, e.id === null]), [[
        "range",
        false,
      ], ["run", true]]);
      const parts = await runs.list(`${projectId}/run/parts`);
      assert.deepEqual(parts.data!.map((e) => [e.name, e.metadata!.size]), [[
        "a.json",
        1,
      ]]);
    });

    await t.step(
      "policies decide: members read, nobody else, and only the service writes",
      async () => {
        const text = async (client: SupabaseClient) =>
          await (await client.storage.from("runs").download(path)).data?.text();
        assert.equal(await text(member), "c");
        assert.equal(await text(stranger), undefined);
        assert.equal(await text(anon), undefined);
        for (const client of [member, stranger, anon]) {
          const { error } = await client.storage.from("runs").upload(
            `${projectId}/x`,
            bytes("x"),
          );
          assert.equal(
            (error as unknown as { statusCode: string }).statusCode,
            "403",
          );
          assert.deepEqual(
            (await client.storage.from("runs").remove([path])).data,
            [],
          );
        }
        assert.deepEqual(
          (await stranger.storage.from("runs").list(projectId)).data,
          [],
        );
        assert.equal(await text(service), "c");
      },
    );

    await t.step("a forged token is nobody", async () => {
      const forged = await new SignJWT({ role: "service_role" })
        .setProtectedHeader({ alg: "HS256" })
        .sign(bytes("another-secret-of-thirty-two-characters"));
      const get = await fetch(`${world.url}/object/runs/${path}`, {
        headers: { authorization: `Bearer ${forged}` },
      });
      assert.deepEqual(await get.json(), {
        statusCode: "404",
        error: "Bucket not found",
        message: "Bucket not found",
        code: "NoSuchBucket",
      });
      const put = await fetch(`${world.url}/object/runs/x`, {
        method: "POST",
        body: "x",
        headers: { authorization: `Bearer ${forged}` },
      });
      assert.equal((await put.json()).statusCode, "403");
    });

    await t.step("errors say what Storage says", async () => {
      const statusOf = async (result: Promise<{ error: unknown }>) =>
        ((await result).error as { statusCode: string } | null)?.statusCode;
      assert.equal(
        await statusOf(service.storage.from("nope").upload("x", bytes("x"))),
        "404",
      );
      assert.equal(
        await statusOf(runs.upload("ru`n{}.json", bytes("x"))),
        "400",
      );
      assert.equal(await statusOf(service.storage.createBucket("runs")), "409");
      assert.equal(await statusOf(service.storage.getBucket("nope")), "404");
      assert.equal(await statusOf(anon.storage.createBucket("mine")), "403");
      await service.storage.createBucket("small", {
        public: false,
        fileSizeLimit: 4,
        allowedMimeTypes: ["text/plain"],
      });
      const small = service.storage.from("small");
      assert.equal(
        await statusOf(
          small.upload("x", bytes("12345"), { contentType: "text/plain" }),
        ),
        "413",
      );
      assert.equal(
        await statusOf(
          small.upload("x", bytes("1"), { contentType: "image/png" }),
        ),
        "415",
      );
      assert.equal(
        await statusOf(
          small.upload("x", bytes("1234"), { contentType: "text/plain" }),
        ),
        undefined,
      );
      assert.deepEqual(
        (await service.storage.listBuckets()).data!.map((b) => b.name),
        ["runs", "small"],
      );
    });

    await t.step("what was acknowledged survives kill -9", async () => {
      await runs.upload(`${projectId}/kept`, bytes("kept"));
      await world.restart();
      assert.equal(
        await (await runs.download(`${projectId}/kept`)).data!.text(),
        "kept",
      );
    });

    await t.step("removed is removed, row and bytes", async () => {
      const { data } = await runs.remove([`${projectId}/kept`, "none"]);
      assert.deepEqual(data!.map((d) => d.name), [`${projectId}/kept`]);
      assert.equal((await runs.exists(`${projectId}/kept`)).data, false);
    });

    await t.step("no more than a thousand are removed at a time", async () => {
      const names = Array.from({ length: 1001 }, (_, i) => `none/${i}`);
      const { error } = await runs.remove(names);
      assert.match(error!.message, /limited to 1000 objects/);
      assert.equal((await runs.remove(names.slice(1))).error, null);
    });
  });
});

Deno.test("Blobs.sweep() removes old files without a row only", async () => {
  const { Blobs } = await import("./blobs.ts");
  const folder = await Deno.makeTempDir();
  const blobs = new Blobs(folder);
  const stream = () => new Blob(["x"]).stream();
  const kept = await blobs.write(stream(), 10);
  const orphan = await blobs.write(stream(), 10);
  const known = (versions: string[]) =>
    Promise.resolve(new Set(versions.filter((v) => v === kept.version)));
  assert.equal(
    await blobs.sweep(known, Date.now()),
    0,
    "young files may still get their row",
  );
  assert.equal(await blobs.sweep(known, Date.now() + 3_700_000), 1);
  assert.equal(await blobs.read(orphan.version, 0, 0), null);
  assert.equal(
    await new Response(await blobs.read(kept.version, 0, 0)).text(),
    "x",
  );
  await Deno.remove(folder, { recursive: true });
});
