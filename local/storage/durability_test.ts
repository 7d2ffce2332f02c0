import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type StorageWorld, withStorage } from "./testing/world.ts";

async function files({ folder }: StorageWorld): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    for await (const file of Deno.readDir(`${folder}/${name}`)) {
      paths.push(`${name}/${file.name}`);
    }
  }
  return paths;
}

Deno.test("Storage keeps bytes whole through races and kills", async (t) => {
  await withStorage(async (world) => {
    const runs = world.service.storage.from("runs");
    const get = () =>
      fetch(`${world.url}/object/runs/race`, {
        headers: { authorization: `Bearer ${world.keys.service}` },
      });

    await t.step(
      "a download that races overwrites is one of them, whole, with its own length and tag",
      async () => {
        const body = (n: number) =>
          new Uint8Array(100_000 + n * 1000).fill(n % 251);
        await runs.upload("race", body(0));
        let isOver = false;
        const writing = (async () => {
          for (let n = 1; n <= 60; n++) {
            const { error } = await runs.upload("race", body(n), {
              upsert: true,
            });
            assert.equal(error, null);
          }
          isOver = true;
        })();
        const seen = new Set<number>();
        const read = async () => {
          while (!isOver) {
            const answer = await get();
            const bytes = new Uint8Array(await answer.arrayBuffer());
            assert.equal(answer.status, 200);
            const n = (bytes.length - 100_000) / 1000;
            assert.ok(bytes.every((byte) => byte === n % 251), `mixed in ${n}`);
            const md5 = createHash("md5").update(bytes).digest("hex");
            assert.equal(answer.headers.get("etag"), `"${md5}"`);
            seen.add(n);
          }
        };
        await Promise.all([writing, read(), read(), read()]);
        assert.ok(seen.size > 5, `saw ${seen.size} of the writes`);
        assert.equal((await files(world)).length, 1, "replaced bytes are gone");
      },
    );

    await t.step(
      "a download that has begun ends with the bytes it began with",
      async () => {
        const sent = new Uint8Array(8 << 20).fill(7);
        await runs.upload("race", sent, { upsert: true });
        const answer = await get();
        const reader = answer.body!.getReader();
        let length = (await reader.read()).value!.length;
        await runs.upload("race", new Uint8Array(8 << 20).fill(9), {
          upsert: true,
        });
        await runs.remove(["race"]);
        while (true) {
          const { done, value } = await reader.read();
          if (done) break;
          assert.ok(value.every((byte) => byte === 7));
          length += value.length;
        }
        assert.equal(length, sent.length);
      },
    );

    await t.step(
      "writers of one new key at once: one wins, the others are told, and no bytes stay behind",
      async () => {
        const before = (await files(world)).length;
        const answers = await Promise.all(
          Array.from(
            { length: 8 },
            (_, n) => runs.upload("once", new Uint8Array([n])),
          ),
        );
        assert.equal(answers.filter(({ error }) => error === null).length, 1);
        assert.equal((await files(world)).length, before + 1);
      },
    );

    await t.step(
      "an upload that breaks off leaves neither a row nor bytes",
      async () => {
        const before = await files(world);
        const sending = new AbortController();
        const request = fetch(`${world.url}/object/runs/broken`, {
          method: "POST",
          headers: { authorization: `Bearer ${world.keys.service}` },
          signal: sending.signal,
          body: new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(100_000));
            },
          }),
        }).catch(() => null);
        while ((await files(world)).length === before.length) await pause();
        sending.abort();
        await request;
        while ((await files(world)).length !== before.length) await pause();
        assert.equal((await runs.exists("broken")).data, false);
      },
    );

    await t.step(
      "kill -9 in the middle of an upload leaves nothing after the start",
      async () => {
        const before = await files(world);
        const request = fetch(`${world.url}/object/runs/killed`, {
          method: "POST",
          headers: { authorization: `Bearer ${world.keys.service}` },
          body: new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(100_000));
            },
          }),
        }).catch(() => null);
        while ((await files(world)).length === before.length) await pause();
        await world.restart();
        await (await request)?.body?.cancel();
        assert.deepEqual((await files(world)).sort(), before.sort());
        assert.equal((await runs.exists("killed")).data, false);
      },
    );
  });
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
