import assert from "node:assert/strict";

const IS_LINUX = Deno.build.os === "linux";

async function attempts(level: string): Promise<Record<string, string>> {
  const file = await Deno.makeTempFile();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-code-cache",
      "--quiet",
      new URL("./testing/locked.ts", import.meta.url).pathname,
      level,
      file,
    ],
  }).output();
  await Deno.remove(file);
  const { locked, came } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(locked?.systemCalls ?? "none", level);
  return came;
}

Deno.test({
  name: "a process that is not locked down does to another what is tried here",
  ignore: !IS_LINUX,
  async fn() {
    const { kill, queueSignal, slowDown, moveThis, moveOther } = await attempts(
      "none",
    );
    assert.deepEqual(
      [kill, queueSignal, slowDown, moveThis, moveOther],
      Array(5).fill("done"),
    );
  },
});

Deno.test({
  name: "lockDown() leaves a process nothing but to compute",
  ignore: !IS_LINUX,
  async fn() {
    assert.deepEqual(await attempts("compute"), {
      compute: "done",
      memory: "RangeError",
      read: "EPERM",
      environ: "EPERM",
      writeOpenFile: "EBADF",
      write: "EPERM",
      connect: "EPERM",
      listen: "EPERM",
      program: "EPERM",
      kill: "PermissionDenied",
      queueSignal: "EPERM",
      slowDown: "EPERM",
      moveThis: "done",
      moveOther: "EPERM",
      otherNumber: "EPERM",
    });
  },
});

Deno.test({
  name:
    "lockDown() leaves a driver files, and no network, program or other process",
  ignore: !IS_LINUX,
  async fn() {
    assert.deepEqual(await attempts("device"), {
      compute: "done",
      memory: "done",
      read: "done",
      environ: "done",
      writeOpenFile: "done",
      write: "done",
      connect: "EPERM",
      listen: "EPERM",
      program: "EPERM",
      kill: "PermissionDenied",
      queueSignal: "EPERM",
      slowDown: "EPERM",
      moveThis: "done",
      moveOther: "EPERM",
      otherNumber: "EPERM",
    });
  },
});
