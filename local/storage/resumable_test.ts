import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Upload, type UploadOptions } from "tus-js-client";
import { Blobs } from "./blobs.ts";
import { Resumables } from "./resumables.ts";
import { type StorageWorld, withStorage } from "./testing/world.ts";

const MEBIBYTE = 1 << 20;

/** Sends bytes by the unmodified client, in pieces of a mebibyte, and resolves with its URL. */
function upload(
  bytes: Uint8Array,
  { publicUrl, keys }: StorageWorld,
  facts: Record<string, string>,
  options: Partial<UploadOptions> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const task = new Upload(Buffer.from(bytes), {
      endpoint: `${publicUrl}/upload/resumable`,
      headers: { authorization: `Bearer ${keys.service}` },
      metadata: { bucketName: "runs", ...facts },
      chunkSize: MEBIBYTE,
      retryDelays: null,
      onError: reject,
      onSuccess: () => resolve(task.url!),
      ...options,
    });
    task.start();
  });
}

function random(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  }
  return bytes;
}

function begin(
  { url, keys }: StorageWorld,
  key: string,
  headers: Record<string, string> = {},
  base = "/upload/resumable",
): Promise<Response> {
  const said = { bucketName: "runs", objectName: key };
  return fetch(url + base, {
    method: "POST",
    headers: {
      "tus-resumable": "1.0.0",
      authorization: `Bearer ${keys.service}`,
      "upload-metadata": Object.entries(said).map(([name, value]) =>
        `${name} ${Buffer.from(value).toString("base64")}`
      ).join(","),
      ...headers,
    },
  });
}

function piece(
  { keys }: StorageWorld,
  location: string,
  offset: number,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(location, {
    method: "PATCH",
    body,
    headers: {
      "tus-resumable": "1.0.0",
      authorization: `Bearer ${keys.service}`,
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
      ...headers,
    },
  });
}

async function head(
  { keys }: StorageWorld,
  location: string,
): Promise<Response> {
  const response = await fetch(location, {
    method: "HEAD",
    headers: {
      "tus-resumable": "1.0.0",
      authorization: `Bearer ${keys.service}`,
    },
  });
  await response.body?.cancel();
  return response;
}

async function told(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}

Deno.test("Storage takes uploads in pieces", async (t) => {
  await withStorage(async (world) => {
    const runs = world.service.storage.from("runs");
    const textOf = async (key: string) =>
      await (await runs.download(key)).data?.text();

    await t.step("from tus-js-client, with its metadata", async () => {
      const sent = random(3 * MEBIBYTE + 5);
      const url = await upload(sent, world, {
        objectName: "t/a.bin",
        contentType: "image/png",
        cacheControl: "60",
        metadata: '{"run":"r"}',
      });
      assert.ok(url.startsWith(`${world.publicUrl}/upload/resumable/`));
      const got = await runs.download("t/a.bin");
      assert.deepEqual(new Uint8Array(await got.data!.arrayBuffer()), sent);
      const { data } = await runs.info("t/a.bin");
      assert.equal(data!.contentType, "image/png");
      assert.equal(data!.cacheControl, "max-age=60");
      assert.deepEqual(data!.metadata, { run: "r" });
    });

    await t.step(
      "from tus-js-client with the first piece in the creation, or without a length",
      async () => {
        const sent = random(2 * MEBIBYTE + 1);
        await upload(sent, world, { objectName: "t/b" }, {
          uploadDataDuringCreation: true,
        });
        await upload(sent, world, { objectName: "t/c" }, {
          uploadLengthDeferred: true,
        });
        for (const key of ["t/b", "t/c"]) {
          const got = await runs.download(key);
          assert.deepEqual(new Uint8Array(await got.data!.arrayBuffer()), sent);
        }
      },
    );

    await t.step("from tus-js-client by a signed upload's token", async () => {
      const { data } = await runs.createSignedUploadUrl("t/signed");
      const signed = {
        endpoint: `${world.publicUrl}/upload/resumable/sign`,
        headers: { "x-signature": data!.token },
      };
      await upload(random(10), world, { objectName: "t/signed" }, signed);
      assert.equal((await runs.info("t/signed")).data!.size, 10);
      await assert.rejects(
        upload(random(10), world, { objectName: "t/other" }, signed),
        /Invalid signature/,
      );
      await assert.rejects(
        upload(random(10), world, { objectName: "t/signed" }, signed),
        /The resource already exists/,
      );
      await assert.rejects(
        upload(random(10), world, { objectName: "t/x" }, {
          ...signed,
          headers: {},
        }),
        /Missing x-signature header/,
      );
    });

    await t.step("goes on after kill -9, from what was synced", async () => {
      const sent = random(2 * MEBIBYTE);
      const location = (await begin(world, "t/kill", {
        "upload-length": String(sent.length),
      })).headers.get("location")!;
      const direct = location.replace(world.publicUrl, world.url);
      await piece(world, direct, 0, sent.slice(0, MEBIBYTE));
      await world.restart();
      const where = await head(world, direct);
      assert.equal(where.headers.get("upload-offset"), String(MEBIBYTE));
      const last = await piece(world, direct, MEBIBYTE, sent.slice(MEBIBYTE));
      assert.equal(last.headers.get("tus-complete"), "1");
      const got = await runs.download("t/kill");
      assert.deepEqual(new Uint8Array(await got.data!.arrayBuffer()), sent);
    });

    await t.step(
      "keeps what came of a piece that broke off, and lets a newer piece take over",
      async () => {
        const location = (await begin(world, "t/broken", {
          "upload-length": "20",
        })).headers.get("location")!.replace(world.publicUrl, world.url);
        let stuck!: ReadableStreamDefaultController<Uint8Array>;
        const slow = piece(
          world,
          location,
          0,
          new ReadableStream({
            start(controller) {
              stuck = controller;
              controller.enqueue(new TextEncoder().encode("0123456789"));
            },
          }),
        );
        while (
          (await Array.fromAsync(Deno.readDir(`${world.folder}/resumable`)))
            .every((entry) =>
              !entry.name.endsWith(".bytes") ||
              Deno.statSync(`${world.folder}/resumable/${entry.name}`).size !==
                10
            )
        ) await new Promise((resolve) => setTimeout(resolve, 10));
        const where = await head(world, location);
        assert.equal(where.headers.get("upload-offset"), "10");
        const rest = await piece(world, location, 10, "abcdefghij");
        assert.equal(rest.status, 204);
        assert.equal(await textOf("t/broken"), "0123456789abcdefghij");
        try {
          stuck.close();
        } catch { /* the server has ended it */ }
        await (await slow.catch(() => null))?.body?.cancel();
      },
    );

    await t.step("HEAD says what is known, also without a length", async () => {
      const made = await begin(world, "t/head", { "upload-defer-length": "1" });
      assert.ok(Date.parse(made.headers.get("upload-expires")!) > Date.now());
      const location = made.headers.get("location")!;
      const { headers } = await head(world, location);
      assert.equal(headers.get("upload-offset"), "0");
      assert.equal(headers.get("upload-defer-length"), "1");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.match(headers.get("upload-metadata")!, /objectName dC9oZWFk/);
    });

    await t.step(
      "DELETE ends an upload, but not one that is whole",
      async () => {
        const location = (await begin(world, "t/del", { "upload-length": "3" }))
          .headers.get("location")!;
        const remove = () =>
          fetch(location, {
            method: "DELETE",
            headers: {
              "tus-resumable": "1.0.0",
              authorization: `Bearer ${world.keys.service}`,
            },
          });
        assert.deepEqual(await told(await remove()), [204, ""]);
        assert.equal((await head(world, location)).status, 404);
        assert.deepEqual(await told(await remove()), [
          404,
          "The file for this url was not found\n",
        ]);
        const other = (await begin(world, "t/whole", { "upload-length": "1" }))
          .headers.get("location")!;
        await piece(world, other, 0, "x");
        const answer = await fetch(other, {
          method: "DELETE",
          headers: {
            "tus-resumable": "1.0.0",
            authorization: `Bearer ${world.keys.service}`,
          },
        });
        assert.deepEqual(await told(answer), [
          400,
          "Cannot terminate an already completed upload",
        ]);
        assert.equal(await textOf("t/whole"), "x");
      },
    );

    await t.step("refuses as the protocol says", async () => {
      const { url, keys } = world;
      const location = (await begin(world, "t/no", { "upload-length": "5" }))
        .headers.get("location")!;
      const status = async (response: Promise<Response>) =>
        (await told(await response))[0];
      assert.equal(await status(piece(world, location, 3, "xx")), 409);
      assert.equal(await status(piece(world, location, 0, "toolong")), 413);
      assert.equal(
        await status(
          piece(world, location, 0, "x", { "content-type": "text/plain" }),
        ),
        400,
      );
      assert.equal(
        await status(piece(world, location, 0, "x", { "upload-length": "9" })),
        400,
      );
      assert.equal(
        await status(piece(world, location, 0, "x", { "tus-resumable": "2" })),
        400,
      );
      assert.equal(
        await status(fetch(location, { method: "PATCH", body: "x" })),
        412,
      );
      assert.equal(await status(begin(world, "t/no")), 400);
      assert.equal(
        await status(begin(world, "t/no", { "upload-length": "-1" })),
        400,
      );
      assert.equal(
        await status(
          begin(world, "t/no", {
            "upload-length": "1",
            "upload-metadata": "a b c",
          }),
        ),
        400,
      );
      assert.deepEqual(
        await told(await begin(world, "../x", { "upload-length": "1" })),
        [400, "Invalid key: ../x"],
      );
      assert.deepEqual(
        await told(
          await begin(world, "t/no", {
            "upload-length": "1",
            authorization: `Bearer ${keys.anon}`,
          }),
        ),
        [403, "new row violates row-level security policy"],
      );
      const forged = await begin(world, "t/no", {
        "upload-length": "1",
        authorization: "Bearer a.b.c",
      });
      assert.equal((await forged.json()).statusCode, "403");
      const guess = Buffer.from("runs/t/no/../../secret").toString("base64url");
      assert.equal(
        (await head(world, `${url}/upload/resumable/${guess}`)).status,
        400,
      );
    });

    await t.step("a stranger cannot go on with another's upload", async () => {
      const location = (await begin(world, "t/mine", { "upload-length": "5" }))
        .headers.get("location")!;
      const answer = await piece(world, location, 0, "abc", {
        authorization: `Bearer ${world.keys.stranger}`,
      });
      assert.deepEqual(await told(answer), [
        403,
        "new row violates row-level security policy",
      ]);
      const where = await head(world, location);
      assert.equal(where.headers.get("upload-offset"), "0");
    });

    await t.step(
      "an upload that nobody went on with for a day is gone",
      async () => {
        const location = (await begin(world, "t/old", { "upload-length": "5" }))
          .headers.get("location")!;
        const id = Buffer.from(location.split("/").at(-1)!, "base64url");
        const version = id.toString().split("/").at(-1);
        const facts = `${world.folder}/resumable/${version}.json`;
        const known = JSON.parse(await Deno.readTextFile(facts));
        const createdAt = known.createdAt - 24 * 3_600_000;
        await Deno.writeTextFile(
          facts,
          JSON.stringify({ ...known, createdAt }),
        );
        assert.equal((await head(world, location)).status, 410);
        assert.deepEqual(await told(await piece(world, location, 0, "x")), [
          410,
          "The file for this url no longer exists\n",
        ]);
      },
    );

    await t.step("an empty upload is whole at once", async () => {
      const made = await begin(world, "t/empty", { "upload-length": "0" });
      assert.equal(made.headers.get("tus-complete"), "1");
      assert.equal(await textOf("t/empty"), "");
    });
  });
});

Deno.test("an upload whose process died between its last byte and its row is finished when its client asks", async () => {
  await withStorage(async (world) => {
    const location = (await begin(world, "t/late", { "upload-length": "4" }))
      .headers.get("location")!;
    const id = Buffer.from(location.split("/").at(-1)!, "base64url").toString();
    const facts = `${world.folder}/resumable/${id.split("/").at(-1)}.json`;
    await piece(world, location, 0, "late");
    // As the disk was before the row: the bytes are all there, and nothing says that they count.
    await world.admin`delete from storage.objects`;
    const known = JSON.parse(await Deno.readTextFile(facts));
    assert.equal(known.isDone, true);
    await Deno.writeTextFile(
      facts,
      JSON.stringify({ ...known, isDone: false }),
    );
    assert.equal(
      (await head(world, location)).headers.get("upload-offset"),
      "4",
    );
    const { data } = await world.service.storage.from("runs").download(
      "t/late",
    );
    assert.equal(await data!.text(), "late");
  });
});

Deno.test("Resumables cuts off what a kill left, forgets what has ended, and ends the piece of whoever holds an upload", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const blobs = new Blobs(`${folder}/b`);
    await blobs.prepare();
    const resumables = new Resumables(`${folder}/r`, blobs, 1000);
    await resumables.prepare();
    const made = await resumables.create({
      bucket: "b",
      key: "k",
      size: 4,
      header: "",
      said: { contentType: "", cacheControl: "", userMetadata: null },
      mayReplace: false,
      owner: null,
      createdAt: Date.now(),
    });
    const bytes = `${folder}/r/${made.version}.bytes`;
    for (const lost of ["x.json.making", "y.bytes"]) {
      await Deno.writeTextFile(`${folder}/r/${lost}`, "");
    }
    await resumables.prepare();
    assert.deepEqual(
      [...Deno.readDirSync(`${folder}/r`)].map(({ name }) => name).sort(),
      [`${made.version}.bytes`, `${made.version}.json`],
    );
    await Deno.writeTextFile(bytes, "never synced");
    const body = () => new Blob(["abcd"]).stream();
    const never = new AbortController().signal;
    const { upload, end } = await resumables.append(made, body(), 4, never);
    assert.deepEqual([end, upload.offset], ["whole", 4]);
    assert.equal(await Deno.readTextFile(bytes), "abcd");
    const more = await resumables.append(made, body(), 3, never);
    assert.deepEqual([more.end, more.upload.offset], ["too_large", 0]);

    const order: string[] = [];
    const first = resumables.hold(made.version, async (signal) => {
      const { end } = await resumables.append(
        made,
        new ReadableStream({ pull: () => new Promise(() => {}) }),
        4,
        signal,
      );
      order.push(end);
    });
    await resumables.hold(made.version, () => {
      order.push("second");
      return Promise.resolve();
    });
    await first;
    assert.deepEqual(order, ["broken", "second"]);

    assert.equal(await resumables.sweep(Date.now()), 0);
    assert.equal(await resumables.sweep(Date.now() + 2000), 2);
    assert.equal(await resumables.find(made, made.version), null);
    assert.equal(await resumables.find(made, "../../etc/passwd"), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
