import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { withFolder } from "../testing/folders.ts";
import { Child } from "./child.ts";
import { freePort } from "./ports.ts";

/** Runs `body` with a process that serves its own id, and does what `before` says first. */
async function withChild(
  before: string,
  body: (world: {
    child: Child;
    pidOf: () => Promise<number>;
    restarted: () => Promise<unknown>;
    logs: string;
  }) => Promise<void>,
): Promise<void> {
  await withFolder(async (logs) => {
    const port = freePort();
    const entry = join(logs, "entry.ts");
    await Deno.writeTextFile(
      entry,
      `${before}
      console.log("said on stdout");
      console.error("said on stderr", Deno.env.get("MINE"), Deno.env.get("NOT_MINE"));
      Deno.serve({ hostname: "127.0.0.1", port: ${port}, onListen() {} }, () => new Response(String(Deno.pid)));`,
    );
    const events = new EventEmitter();
    Deno.env.set("NOT_MINE", "leaked");
    const url = `http://127.0.0.1:${port}`;
    const child = new Child(
      {
        name: "small",
        args: ["run", "-A", "--quiet", "--no-config", entry],
        env: {
          HOME: Deno.env.get("HOME") ?? logs,
          PATH: Deno.env.get("PATH") ?? "",
          MINE: "given",
        },
        healthUrl: url,
      },
      logs,
      (name) => events.emit("restarted", name),
    );
    child.start();
    try {
      await body({
        child,
        logs,
        pidOf: async () => Number(await (await fetch(url)).text()),
        restarted: () => once(events, "restarted"),
      });
    } finally {
      Deno.env.delete("NOT_MINE");
      await child.stop();
    }
  });
}

Deno.test("a child gets its own environment only, and its words are kept in a log of mode 0600", async () => {
  await withChild("", async ({ child, logs }) => {
    await child.ready();
    await child.stop();
    const path = join(logs, "small.log");
    const log = await Deno.readTextFile(path);
    assert.match(log, /said on stdout/);
    assert.match(log, /said on stderr given undefined/);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  });
});

Deno.test("a child that dies is started again, and not after it was stopped", async () => {
  await withChild("", async ({ child, pidOf, restarted }) => {
    await child.ready();
    const first = await pidOf();
    assert.equal(child.pid, first);
    const again = restarted();
    child.kill("SIGKILL");
    assert.deepEqual(await again, ["small"]);
    await child.ready();
    const second = await pidOf();
    assert.notEqual(second, first);
    await child.stop();
    assert.equal(child.pid, 0);
    await assert.rejects(pidOf());
  });
});

Deno.test("a child that does not stop on SIGTERM is stopped by force", async () => {
  await withChild(
    'Deno.addSignalListener("SIGTERM", () => {});',
    async ({ child, pidOf }) => {
      await child.ready();
      await child.stop();
      await assert.rejects(pidOf());
    },
  );
});

Deno.test("a child that keeps dying is given up, with the end of its log", async () => {
  await withChild(
    'console.error("no such setting"); Deno.exit(7);',
    async ({ child }) => {
      const sentence = await child.gaveUp;
      assert.match(
        sentence,
        /^Cannot keep small running: it died 5 times in 30 s, last by code 7\. Its log "[^"]+small\.log" ends with:\n[^]*no such setting$/,
      );
      await assert.rejects(child.ready(), { message: sentence });
    },
  );
});

Deno.test("a process under run_child.ts ends when its supervisor is gone, however it went", async () => {
  await withFolder(async (folder) => {
    const port = freePort();
    const entry = join(folder, "entry.ts");
    await Deno.writeTextFile(
      entry,
      `Deno.addSignalListener("SIGTERM", () => {});
      Deno.serve({ hostname: "127.0.0.1", port: ${port}, onListen() {} }, () => new Response("up"));`,
    );
    const runChild = new URL("./run_child.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", runChild, entry],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const up = async () => {
      while (true) {
        try {
          return await (await fetch(`http://127.0.0.1:${port}`)).text();
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    assert.equal(await up(), "up");
    await child.stdin.close(); // what the kernel does for a supervisor that is killed
    assert.equal((await child.status).code, 0);
  });
});
