import assert from "node:assert/strict";
import { createStorageApp } from "./app.ts";
import { Blobs } from "./blobs.ts";
import type { StorageDeps } from "./deps.ts";
import { Objects } from "./objects.ts";
import { Resumables } from "./resumables.ts";
import { urlSigner } from "./token.ts";

Deno.test("bytes stay when the answer to their commit is lost, for the row may name them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const blobs = new Blobs(folder);
    let transactions = 0;
    const rows = {
      bucket: () =>
        Promise.resolve({ file_size_limit: null, allowed_mime_types: null }),
      as: async (_: unknown, body: (sql: unknown) => Promise<unknown>) => {
        const sql = Object.assign(() => Promise.resolve([{ id: "id" }]), {
          json: (value: unknown) => value,
        });
        const result = body(sql);
        if (++transactions === 1) return result; // the check before the bytes
        await result;
        throw new Error("read ECONNRESET");
      },
    } as unknown as StorageDeps["rows"];
    const app = createStorageApp({
      blobs,
      rows,
      objects: new Objects(rows, blobs),
      resumables: new Resumables(folder, blobs, 1000),
      signer: urlSigner("a secret"),
      publicUrl: null,
      verify: () => Promise.resolve({ role: "service_role", claims: {} }),
      mostBytes: 100,
    }, () => {});
    const answer = await app.request("/object/b/k", {
      method: "POST",
      body: "bytes",
    });
    assert.equal(answer.status, 500);
    const files: string[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      for await (const file of Deno.readDir(`${folder}/${name}`)) {
        files.push(file.name);
      }
    }
    assert.equal(files.length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
