import assert from "node:assert/strict";
import { join } from "node:path";
import { BackupWriter, DamagedBackupError, readBackup } from "./archive.ts";
import { withFolder } from "../testing/folders.ts";

/** All that a backup holds: names, and how many bytes each has. */
async function contents(path: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for await (const { name, chunks } of readBackup(path)) {
    sizes[name] = 0;
    for await (const chunk of chunks) sizes[name] += chunk.length;
  }
  return sizes;
}

Deno.test("readBackup() gives what BackupWriter was given", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.tar.gz");
    const writer = new BackupWriter(path);
    await writer.addFolder("empty");
    await writer.addBytes("small", new Uint8Array(10));
    await writer.addBytes("large", noise(300_000));
    await writer.finish();
    assert.deepEqual(await contents(path), { empty: 0, small: 10, large: 3e5 });
  });
});

Deno.test("readBackup() says that a file is damaged, wherever it was cut and whoever reads then", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.tar.gz");
    const writer = new BackupWriter(path);
    for (let i = 0; i < 6; i++) await writer.addBytes(`${i}`, noise(60_000));
    await writer.finish();
    const bytes = await Deno.readFile(path);
    for (let i = 0; i < 40; i++) {
      await Deno.writeFile(path, bytes.subarray(0, bytes.length * i / 40));
      await assert.rejects(contents(path), DamagedBackupError, `${i} of 40`);
    }
    const flipped = bytes.slice();
    flipped[flipped.length >> 1]! ^= 0xff;
    await Deno.writeFile(path, flipped);
    await assert.rejects(contents(path), DamagedBackupError);
  });
});

Deno.test("readBackup() says that there is no file", async () => {
  await assert.rejects(contents("nowhere.tar.gz"), {
    message: 'Cannot read backup "nowhere.tar.gz": there is no such file',
  });
});

/** Bytes that gzip cannot make smaller. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}
