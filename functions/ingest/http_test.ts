import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { JWT_SECRET } from "../_shared/testing/platform.ts";
import { createWorld, type World } from "../_shared/testing/world.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";
import { announcementOf } from "./testing/client.ts";

/** Ingest behind a real socket, with a run to send parts to. */
async function serve(world: World) {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, createApp(createDeps(world.edge)).fetch);
  const port = (server.addr as Deno.NetAddr).port;
  const url = `http://127.0.0.1:${port}/ingest/v1`;
  const authorization = world.auth.ingestKey;
  const runId = crypto.randomUUID();
  const made = await fetch(`${url}/runs/${runId}`, {
    method: "PUT",
    headers: { authorization },
    body: '{"label_names":["a"]}',
  });
  assert.equal(made.status, 201);
  await made.body?.cancel();
  return {
    server,
    port,
    runId,
    path: `/ingest/v1/runs/${runId}/parts?kind=samples&split=training&seq=0`,
    part: (key: string, body: BodyInit, headers: Record<string, string> = {}) =>
      fetch(`${url}/runs/${runId}/parts?kind=samples&split=training&seq=0`, {
        method: "POST",
        headers: {
          authorization,
          "idempotency-key": key,
          "content-type": "application/x-ndjson",
          ...headers,
        },
        body,
      }),
    announced: (key: string, what: string, said: object) =>
      fetch(
        `${url}/runs/${runId}/parts/${what}?kind=outputs&split=training&seq=0`,
        {
          method: "POST",
          headers: { authorization, "idempotency-key": key },
          body: JSON.stringify(said),
        },
      ),
    finish: () =>
      fetch(`${url}/runs/${runId}/finish`, {
        method: "POST",
        headers: { authorization },
      }),
  };
}

Deno.test("ingest over a socket", async (t) => {
  const world = await createWorld(testEngines()[0]!);
  const ingest = await serve(world);
  try {
    await t.step("a sender that breaks off leaves no row", async () => {
      for (
        const framing of [
          "content-length: 1000\r\n\r\n" + "x".repeat(500),
          "transfer-encoding: chunked\r\n\r\n1f4\r\n" + "x".repeat(500) +
          "\r\n",
        ]
      ) {
        const socket = await Deno.connect({
          hostname: "127.0.0.1",
          port: ingest.port,
        });
        const answered = world.nextLine();
        await socket.write(
          new TextEncoder().encode(
            `POST ${ingest.path} HTTP/1.1\r\nhost: x\r\nauthorization: ${world.auth.ingestKey}\r\n` +
              `idempotency-key: broken\r\ncontent-type: application/json\r\n${framing}`,
          ),
        );
        socket.closeWrite();
        await answered;
        socket.close();
      }
      assert.equal((await world.admin`select from assay.parts`).length, 0);
    });

    await t.step(
      "a refusal reaches a sender who is still sending",
      async () => {
        const large = new Uint8Array(24 << 20);
        const unknown = await ingest.part("k", large, {
          authorization: "Bearer x",
        });
        assert.equal(unknown.status, 401);
        await unknown.body?.cancel();
        const wrong = await ingest.part("k", large, {
          "content-type": "text/csv",
        });
        assert.equal(wrong.status, 415);
        await wrong.body?.cancel();
        const first = await ingest.part("k", "x");
        await first.body?.cancel();
        const taken = await ingest.part("other", large);
        assert.equal(taken.status, 409);
        await taken.body?.cancel();
        const huge = await ingest.part("huge", new Uint8Array(34 << 20));
        assert.equal(huge.status, 413);
        await huge.body?.cancel();
      },
    );
  } finally {
    await ingest.server.shutdown();
    await world.stop();
  }
});

Deno.test("ingest over a socket writes to the Storage stand-in, reads back by range, and lets large parts go there by themselves", async () => {
  const world = await createWorld(testEngines()[0]!);
  const storage = await startStorage(world);
  world.platform.storageUrl = storage.url;
  const ingest = await serve(world);
  try {
    const body = new Uint8Array(3 << 20).map((_, i) => i % 251);
    const answer = await ingest.part("k", body);
    assert.equal(answer.status, 201);
    assert.equal((await answer.json()).size_bytes, body.length);
    const again = await ingest.part("k", body);
    assert.equal(again.status, 200);
    await again.body?.cancel();
    const [row] = await world.admin`select storage_path from assay.parts`;
    const objects = await world.admin`select name from storage.objects`;
    assert.deepEqual(objects.map((o) => o.name), [row!.storage_path]);
    const { objects: store } = world.edge;
    const range = await store.download(row!.storage_path, {
      offset: 1 << 20,
      bytes: 5,
    });
    assert.deepEqual(await range.bytes(), body.slice(1 << 20, (1 << 20) + 5));
    const large = new Uint8Array(40 << 20).map((_, i) => i % 253);
    const said = announcementOf(large);
    const signed = await (await ingest.announced("s", "sign", said)).json();
    const early = await ingest.announced(
      "s",
      `${signed.part_id}/complete`,
      said,
    );
    assert.equal((await early.json()).error.code, "conflict");
    const put = await fetch(signed.upload_url, { method: "PUT", body: large });
    assert.equal((await put.json()).Key, `runs/${signed.path}`);
    const twice = await fetch(signed.upload_url, { method: "PUT", body: "x" });
    assert.equal((await twice.json()).error, "Duplicate");
    const done = await ingest.announced(
      "s",
      `${signed.part_id}/complete`,
      said,
    );
    assert.equal(done.status, 201);
    assert.equal((await done.json()).size_bytes, large.length);
    assert.equal(await store.size(signed.path), large.length);

    await store.check();
    await store.remove(row!.storage_path);
    await assert.rejects(store.download(row!.storage_path), {
      code: "not_found",
    });
  } finally {
    await ingest.server.shutdown();
    await storage.stop();
    await world.stop();
  }
});

async function startStorage(world: World) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const folder = await Deno.makeTempDir();
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-lock", // Deno 2.1 cannot read the one of 2.9
      new URL("../../local/storage/main.ts", import.meta.url).pathname,
    ],
    env: {
      DATABASE_URL: world.databaseUrl("supabase_storage_admin"),
      STORAGE_DIR: folder,
      PORT: String(port),
      JWT_SECRET,
    },
    stderr: "piped",
  }).spawn();
  const reader = process.stderr.getReader();
  const { value } = await reader.read(); // its first line says that it listens
  assert.match(new TextDecoder().decode(value), /ready/);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      process.kill("SIGTERM");
      await process.status;
      await reader.cancel();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
