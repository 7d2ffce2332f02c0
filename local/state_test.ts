import assert from "node:assert/strict";
import { join } from "node:path";
import { serversFile } from "./home.ts";
import {
  announceServer,
  readState,
  removeState,
  type ServerEntry,
  withdrawServer,
  writeState,
} from "./state.ts";
import { withFolder } from "./testing/folders.ts";

/** Runs `body` with a per-user folder of its own. */
async function asUser(body: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("XDG_STATE_HOME");
  await withFolder(async (folder) => {
    Deno.env.set("XDG_STATE_HOME", folder);
    try {
      await body();
    } finally {
      if (before === undefined) Deno.env.delete("XDG_STATE_HOME");
      else Deno.env.set("XDG_STATE_HOME", before);
    }
  });
}

function entry(home: string, pid = Deno.pid): ServerEntry {
  return {
    url: "http://127.0.0.1:1",
    api_key: "assay_x_y",
    project: "default",
    home,
    pid,
    started_at: "2026-01-01T00:00:00Z",
  };
}

async function homes(): Promise<string[]> {
  const entries = JSON.parse(await Deno.readTextFile(serversFile()));
  return entries.map(({ home }: ServerEntry) => home);
}

Deno.test("announceServer() lists the newest first, one entry a folder, in a file of mode 0600", async () => {
  await asUser(async () => {
    await announceServer(entry("/a"));
    await announceServer(entry("/b"));
    await announceServer(entry("/a"));
    assert.deepEqual(await homes(), ["/a", "/b"]);
    assert.equal((await Deno.stat(serversFile())).mode! & 0o777, 0o600);
    await withdrawServer("/a");
    assert.deepEqual(await homes(), ["/b"]);
  });
});

Deno.test("announceServer() drops entries whose process is gone, and a file that is damaged", async () => {
  await asUser(async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", ""],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await announceServer(entry("/dead", child.pid));
    await child.status;
    await announceServer(entry("/b"));
    assert.deepEqual(await homes(), ["/b"]);
    await Deno.writeTextFile(serversFile(), "{half");
    await announceServer(entry("/c"));
    assert.deepEqual(await homes(), ["/c"]);
  });
});

Deno.test("readState() is null where nothing runs, and after removeState()", async () => {
  await withFolder(async (home) => {
    assert.equal(await readState(home), null);
    await writeState(home, { pid: 1, url: "u" } as never);
    assert.equal((await readState(home))!.url, "u");
    const { mode } = await Deno.stat(join(home, "state.json"));
    assert.equal(mode! & 0o777, 0o600);
    await removeState(home);
    assert.equal(await readState(home), null);
  });
});
