// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import type { Lease } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { blocksKey, InferBlocks, withoutNote } from "./infer_blocks.ts";

const STATE = { n_features: 6, width: 2, left_out: null, fetched_ms: 5 };

/** A task and its objects in memory; `claim` gives it to another attempt. */
function memory() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const events: string[] = [];
  const progress: boolean[] = [];
  let payload: Record<string, unknown> = { signals_paths: ["s"] };
  let isHeld = true;
  let attempt = 0;
  const objects = {
    upload(path: string, bytes: Uint8Array<ArrayBuffer>) {
      assert.ok(!files.has(path), "an object is written once");
      files.set(path, bytes.slice());
      events.push("written");
      return Promise.resolve();
    },
    download(path: string) {
      const found = files.get(path);
      return found ? Promise.resolve(found) : Promise.reject(
        new Error("gone", { cause: { statusCode: "404" } }),
      );
    },
  } as unknown as ObjectStore;
  const deps = {
    objects,
    checkpoints: {
      checkpoint(_: Lease, note: object, isProgress: boolean) {
        if (isHeld) payload = { ...payload, ...note };
        progress.push(isProgress);
        events.push("noted");
        return Promise.resolve(isHeld);
      },
    },
    reached: (point: string) => void events.push(point),
  };
  const claim = (): Lease => ({
    taskId: "task",
    jobId: "job",
    projectId: "project",
    runId: "run",
    jobKind: "rescore_run",
    request: {},
    stage: "infer",
    shard: 0,
    payload: JSON.parse(JSON.stringify(payload)),
    attempt: ++attempt,
    leaseToken: `${attempt}2345678-and-more`,
  });
  const lose = () => isHeld = false;
  return { files, events, progress, deps, claim, lose };
}

Deno.test("InferBlocks notes a block when all of it lies there, and the next attempt knows it", async () => {
  const { files, events, progress, deps, claim } = memory();
  const blocks = new InferBlocks(claim(), deps, "key");
  assert.deepEqual([blocks.nDone, blocks.ranges], [0, []]);
  const large = new Uint8Array(33_000_000).fill(3, 32_000_000);
  await blocks.keep(large, 10, STATE);
  assert.deepEqual(events, [
    "written",
    "written",
    "infer_block_written",
    "noted",
    "infer_block_noted",
  ]);
  const next = new InferBlocks(claim(), deps, "key");
  await next.keep(Uint8Array.of(1), 12, { ...STATE, left_out: "wide" });
  const last = new InferBlocks(claim(), deps, "key");
  assert.equal(last.nDone, 12);
  assert.deepEqual(last.ranges, [{ from: 0, to: 10 }, { from: 10, to: 12 }]);
  assert.equal(last.state.left_out, "wide");
  assert.equal(last.state.n_features, 6);
  assert.deepEqual(await last.read(0), large);
  assert.deepEqual(await last.read(1), Uint8Array.of(1));
  assert.deepEqual([...files.keys()], [
    "project/run/work/task-blocks/0-1-12345678.bin",
    "project/run/work/task-blocks/0-1-12345678.bin.1",
    "project/run/work/task-blocks/10-2-22345678.bin",
  ]);
  assert.deepEqual(progress, [true, true]);
  assert.deepEqual(withoutNote(claim()), { signals_paths: ["s"] });
});

Deno.test("InferBlocks takes back what cannot be read, which is no progress", async () => {
  const { files, progress, deps, claim } = memory();
  const blocks = new InferBlocks(claim(), deps, "key");
  for (const to of [10, 20, 30]) {
    await blocks.keep(Uint8Array.of(to), to, STATE);
  }
  files.delete("project/run/work/task-blocks/10-1-12345678.bin");
  assert.equal(await blocks.read(1), null);
  await blocks.forget(1);
  assert.deepEqual(progress, [true, true, true, false]);
  const next = new InferBlocks(claim(), deps, "key");
  assert.deepEqual(next.ranges, [{ from: 0, to: 10 }]);
});

Deno.test("InferBlocks of another key begin with nothing", async () => {
  const { deps, claim } = memory();
  await new InferBlocks(claim(), deps, "key").keep(Uint8Array.of(1), 9, STATE);
  const other = new InferBlocks(claim(), deps, "other");
  assert.deepEqual([other.nDone, other.state.width], [0, 0]);
  assert.notEqual(await blocksKey(["a", 1]), await blocksKey(["a", 2]));
  assert.equal(await blocksKey(["a", 1]), await blocksKey(["a", 1]));
});

Deno.test("InferBlocks stops where the lease was lost", async () => {
  const { deps, claim, lose } = memory();
  const blocks = new InferBlocks(claim(), deps, "key");
  lose();
  await assert.rejects(
    blocks.keep(Uint8Array.of(1), 9, STATE),
    { code: "upstream_unavailable", message: /the lease was lost/ },
  );
  assert.equal(blocks.nDone, 0);
});
