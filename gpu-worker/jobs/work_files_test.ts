import assert from "node:assert/strict";
import type { Lease } from "../runner/lease.ts";
import { downloadWork, signalsPaths, uploadWork } from "./work_files.ts";

function store() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    objects: {
      upload: (path: string, bytes: Uint8Array<ArrayBuffer>) => {
        files.set(path, bytes.slice());
        return Promise.resolve();
      },
      download: (path: string) => Promise.resolve(files.get(path)!.slice()),
    } as never,
  };
}

Deno.test("downloadWork() gives back what uploadWork() cut, whatever its size", async () => {
  for (const size of [0, 1, 9, 10, 11, 30, 31]) {
    const { files, objects } = store();
    const bytes = Uint8Array.from({ length: size }, (_, i) => i + 1);
    const paths = await uploadWork(objects, "work/views.bin", bytes, 10);
    assert.equal(paths.length, Math.max(1, Math.ceil(size / 10)));
    assert.equal(paths[0], "work/views.bin");
    assert.deepEqual([...files.keys()], paths);
    assert.ok([...files.values()].every((piece) => piece.length <= 10));
    const whole = await downloadWork(objects, paths);
    assert.deepEqual(whole, bytes);
    assert.equal(whole.byteOffset, 0);
  }
});

Deno.test("uploadWork() keeps each object below what hosted free plans take", async () => {
  const { files, objects } = store();
  await uploadWork(objects, "views.bin", new Uint8Array(100_000_000));
  const sizes = [...files.values()].map((piece) => piece.length);
  assert.ok(Math.max(...sizes) < 50_000_000);
  assert.equal(sizes.reduce((a, b) => a + b), 100_000_000);
});

Deno.test("signalsPaths() takes a task of before files were cut", () => {
  const of = (payload: Lease["payload"]) => signalsPaths({ payload } as Lease);
  assert.deepEqual(of({ signals_paths: ["a", "b"] }), ["a", "b"]);
  assert.deepEqual(of({ signals_path: "a" }), ["a"]);
});
