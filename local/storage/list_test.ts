import assert from "node:assert/strict";
import { bytes, refusal } from "./testing/ask.ts";
import { withStorage } from "./testing/world.ts";

Deno.test("Storage: lists of the unmodified client", async (t) => {
  await withStorage(async (world) => {
    await world.service.storage.createBucket("a", { public: false });
    await world.service.storage.createBucket("b", { public: true });
    const a = world.service.storage.from("a");
    for (const name of ["l/z", "l/a", "l/M/1", "l/M/2", "l/b.d/x", "lx"]) {
      await a.upload(name, bytes(name));
    }

    await t.step("list() pages by offset, either way round", async () => {
      const names = async (options: Parameters<typeof a.list>[1]) =>
        (await a.list("l", options)).data!.map(({ name }) => name);
      const sortBy = { column: "name", order: "desc" };
      assert.deepEqual(await names({}), ["M", "a", "b.d", "z"]);
      assert.deepEqual(await names({ sortBy }), ["z", "b.d", "a", "M"]);
      assert.deepEqual(await names({ limit: 2, offset: 1 }), ["a", "b.d"]);
      assert.deepEqual(await names({ search: "m" }), ["M"]);
      assert.deepEqual(
        await names({ sortBy: { column: "created_at", order: "desc" } }),
        ["b.d", "M", "a", "z"],
      );
      assert.equal(
        (await refusal(a.list("l", { sortBy: { column: "id" } })))![0],
        "400",
      );
    });

    await t.step(
      "listV2() goes through everything once, in every order",
      async () => {
        const walk = async (options: Parameters<typeof a.listV2>[0]) => {
          const names: string[] = [];
          let cursor: string | undefined = undefined;
          while (true) {
            const { data }: Awaited<ReturnType<typeof a.listV2>> = await a
              .listV2({
                ...options,
                limit: 1,
                ...(cursor ? { cursor } : {}),
              });
            for (const { name } of [...data!.folders, ...data!.objects]) {
              names.push(name);
            }
            if (!data!.hasNext) return names;
            cursor = data!.nextCursor!;
          }
        };
        const flat = ["l/M/1", "l/M/2", "l/a", "l/b.d/x", "l/z"];
        const folded = ["l/M/", "l/a", "l/b.d/", "l/z"];
        const desc = { column: "name", order: "desc" } as const;
        assert.deepEqual(await walk({ prefix: "l/" }), flat);
        assert.deepEqual(
          await walk({ prefix: "l/", sortBy: desc }),
          flat.toReversed(),
        );
        assert.deepEqual(
          await walk({ prefix: "l/", with_delimiter: true }),
          folded,
        );
        assert.deepEqual(
          await walk({ prefix: "l/", with_delimiter: true, sortBy: desc }),
          folded.toReversed(),
        );
        assert.deepEqual(
          await walk({
            prefix: "l/",
            sortBy: { column: "created_at", order: "asc" },
          }),
          ["l/z", "l/a", "l/M/1", "l/M/2", "l/b.d/x"],
        );
        assert.deepEqual(
          await walk({
            prefix: "l/",
            with_delimiter: true,
            sortBy: { column: "updated_at", order: "desc" },
          }),
          ["l/a", "l/z", "l/b.d/", "l/M/"],
        );
        const { data } = await a.listV2({
          prefix: "l/M",
          with_delimiter: true,
        });
        assert.deepEqual(data!.folders.map(({ key }) => key), ["M"]);
        const bad = await refusal(a.listV2({ cursor: btoa("x") }));
        assert.deepEqual(bad, ["400", "Invalid Parameter continuation token"]);
      },
    );

    await t.step("nobody lists what nobody may see", async () => {
      const other = world.stranger.storage.from("a");
      assert.deepEqual((await other.list("l")).data, []);
      assert.deepEqual((await other.listV2({ prefix: "l" })).data!.objects, []);
    });
  });
});
