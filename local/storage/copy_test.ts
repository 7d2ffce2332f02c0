import assert from "node:assert/strict";
import { bytes, OWNERS_POLICIES, refusal, text } from "./testing/ask.ts";
import { withStorage } from "./testing/world.ts";

Deno.test("Storage: copy and move of the unmodified client", async (t) => {
  await withStorage(async (world) => {
    await world.service.storage.createBucket("a", { public: false });
    await world.service.storage.createBucket("b", { public: true });
    await world.admin.unsafe(OWNERS_POLICIES);
    const { service } = world;
    const a = service.storage.from("a");

    await t.step(
      "copy() leaves two objects that do not share a fate",
      async () => {
        await a.upload("c/1", bytes("one"), {
          contentType: "x/y",
          metadata: { m: 1 },
        });
        assert.equal((await a.copy("c/1", "c/2")).data!.path, "a/c/2");
        const { data } = await a.info("c/2");
        assert.deepEqual([data!.contentType, data!.metadata], ["x/y", {
          m: 1,
        }]);
        await a.remove(["c/1"]);
        assert.equal(await text(service, "a", "c/2"), "one");
      },
    );

    await t.step(
      "copy() to another bucket, and with other properties",
      async () => {
        await a.copy("c/2", "c/3", { destinationBucket: "b" });
        assert.equal(await text(world.anon, "b", "c/3"), "one");
        await a.copy("c/2", "c/4", {
          copyMetadata: false,
          metadata: { mimetype: "p/q" },
        });
        const { data } = await a.info("c/4");
        assert.deepEqual([data!.contentType, data!.metadata], ["p/q", {}]);
      },
    );

    await t.step("copy() and move() refuse as Storage does", async () => {
      assert.deepEqual(await refusal(a.copy("c/none", "c/x")), [
        "404",
        "Object not found",
      ]);
      assert.equal((await refusal(a.copy("c/2", "c/4")))![0], "409");
      assert.deepEqual(
        await refusal(a.copy("c/2", "c/x", { destinationBucket: "nope" })),
        ["404", "The related resource does not exist"],
      );
      assert.equal((await refusal(a.move("c/none", "c/x")))![0], "404");
      assert.equal((await refusal(a.move("c/2", "c/4")))![0], "409");
      const other = world.stranger.storage.from("a");
      assert.equal((await refusal(other.copy("c/2", "own/y")))![0], "404");
      assert.equal((await refusal(other.move("c/2", "own/y")))![0], "404");
      const mine = world.member.storage.from("a"); // may insert and see, but not change
      await mine.upload("own/x", bytes("mine"));
      assert.equal((await refusal(mine.move("own/x", "own/y")))![0], "403");
      assert.equal(await text(world.member, "a", "own/x"), "mine");
    });

    await t.step("move() within a bucket and to another", async () => {
      assert.equal((await a.move("c/2", "c/5")).error, null);
      assert.equal((await a.exists("c/2")).data, false);
      await a.move("c/5", "c/6", { destinationBucket: "b" });
      assert.equal(await text(world.anon, "b", "c/6"), "one");
      assert.equal((await a.exists("c/5")).data, false);
    });
  });
});
