import assert from "node:assert/strict";
import { join } from "node:path";
import { databaseFolder, isRoot } from "./place.ts";
import { withFolder } from "../testing/folders.ts";

Deno.test("databaseFolder() is the folder asked for where the server's user can get there", async () => {
  await withFolder(async (folder) => {
    const asked = join(folder, "database");
    assert.equal(await databaseFolder(asked), asked);
    assert.ok((await Deno.stat(asked)).isDirectory);
  });
});

Deno.test("databaseFolder() is another one, noted and found again, for root under a private folder", async () => {
  await withFolder(async (folder) => {
    const asked = join(folder, "private", "database");
    await Deno.mkdir(join(folder, "private"), { mode: 0o700 });
    const place = await databaseFolder(asked);
    if (!isRoot()) return assert.equal(place, asked);
    try {
      assert.notEqual(place, asked);
      assert.equal((await Deno.stat(place)).mode! & 0o777, 0o755);
      assert.equal(await databaseFolder(asked), place);
      await Deno.remove(place);
      await assert.rejects(databaseFolder(asked), { // an empty database in its place would look like lost data
        message:
          `Cannot start database as its folder "${place}" is gone: put it back, or remove "${asked}/location" to begin with an empty one`,
      });
    } finally {
      await Deno.remove(place, { recursive: true }).catch(() => {});
    }
  });
});
