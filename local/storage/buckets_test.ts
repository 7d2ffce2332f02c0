import assert from "node:assert/strict";
import { bytes, refusal, text } from "./testing/ask.ts";
import { withStorage } from "./testing/world.ts";

Deno.test("Storage: buckets of the unmodified client", async (t) => {
  await withStorage(async (world) => {
    await world.service.storage.createBucket("a", { public: false });
    await world.service.storage.createBucket("b", { public: true });
    const { storage } = world.service;

    await t.step(
      "limits are kept on every way in, and can be changed",
      async () => {
        await storage.createBucket("small", {
          public: false,
          fileSizeLimit: "0.004KB",
          allowedMimeTypes: ["image/*", "text/plain"],
        });
        assert.equal(
          (await storage.getBucket("small")).data!.file_size_limit,
          4,
        );
        const small = storage.from("small");
        const png = { contentType: "image/png" };
        assert.equal(
          (await refusal(small.upload("x", bytes("12345"), png)))![0],
          "413",
        );
        assert.equal(
          (await refusal(
            small.upload("x", new Blob(["12345"], { type: "text/plain" })),
          ))![0],
          "413",
        );
        assert.equal(
          (await refusal(
            small.upload("x", new Blob(["12345"]).stream(), png),
          ))![
            0
          ],
          "413",
        );
        assert.equal((await small.upload("x", bytes("1234"), png)).error, null);
        assert.deepEqual(
          await refusal(small.upload("y", bytes(""), { contentType: "a/b" })),
          ["415", "mime type a/b is not supported"],
        );
        const { data } = await small.createSignedUploadUrl("z");
        assert.equal(
          (await refusal(
            small.uploadToSignedUrl("z", data!.token, "12345", png),
          ))![0],
          "413",
        );
        await storage.updateBucket("small", {
          public: true,
          fileSizeLimit: null,
          allowedMimeTypes: null,
        });
        assert.equal((await small.upload("y", bytes("12345"))).error, null);
        assert.equal(await text(world.anon, "small", "y"), "12345");
      },
    );

    await t.step("a bucket is emptied, then deleted", async () => {
      assert.equal((await refusal(storage.deleteBucket("small")))![0], "409");
      await storage.emptyBucket("small");
      assert.deepEqual((await storage.from("small").list()).data, []);
      assert.equal((await storage.deleteBucket("small")).error, null);
      assert.equal((await refusal(storage.deleteBucket("small")))![0], "404");
      assert.equal((await refusal(storage.emptyBucket("small")))![0], "404");
      assert.equal(
        (await refusal(storage.updateBucket("small", { public: true })))![0],
        "404",
      );
    });

    await t.step("names and sizes that Storage does not take", async () => {
      for (const name of ["", " a", "a/b", "a".repeat(101), "ä"]) {
        assert.equal(
          (await refusal(storage.createBucket(name)))![0],
          "400",
          name,
        );
      }
      const odd = { public: false, fileSizeLimit: "much" };
      assert.equal(
        (await refusal(storage.createBucket("odd", odd)))![0],
        "400",
      );
      const vast = { public: false, fileSizeLimit: "6GB" };
      assert.equal((await refusal(storage.createBucket("v", vast)))![0], "413");
    });

    await t.step(
      "nobody but the service makes, changes or removes buckets",
      async () => {
        for (const client of [world.anon, world.member]) {
          assert.equal(
            (await refusal(client.storage.createBucket("n")))![0],
            "403",
          );
          assert.equal(
            (await refusal(client.storage.emptyBucket("a")))![0],
            "404",
          );
          assert.equal(
            (await refusal(
              client.storage.updateBucket("a", { public: true }),
            ))![
              0
            ],
            "404",
          );
        }
        await storage.createBucket("bare");
        assert.equal(
          (await refusal(world.anon.storage.deleteBucket("bare")))![0],
          "404",
        );
        assert.equal((await storage.getBucket("bare")).data!.public, false);
      },
    );
  });
});
