import assert from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { decodeEncodings, encodeEncodings } from "../codecs/encodings_file.ts";
import type { Encodings } from "../encoders/mod.ts";
import type { Lease } from "../runner/lease.ts";
import type { EncodingStore } from "../store/encoding_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { EncodingFiles } from "./encoding_files.ts";

const LEASE: Lease = {
  taskId: "task",
  jobId: "job",
  projectId: "project",
  runId: "run",
  jobKind: "score_run",
  request: {},
  stage: "encode",
  shard: 0,
  payload: {},
  attempt: 2,
  leaseToken: "token",
};
const KEYS = { sentence: "sentence:1", image: "image:1" };

function hash(i: number): string {
  return i.toString(16).padStart(64, "0");
}

function sentences(n: number, first = 0): Encodings {
  return {
    kind: "sentence",
    contentHashes: Array.from({ length: n }, (_, i) => hash(first + i)),
    width: 3,
    values: Float32Array.from({ length: n * 3 }, (_, i) => first + i),
  };
}

/** Objects and notes in memory; `events` in the order they happened. */
function memory() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const notes: { encoder: string; path: string; nContents: number }[] = [];
  const events: string[] = [];
  const objects = {
    upload(path: string, bytes: Uint8Array<ArrayBuffer>) {
      files.set(path, bytes.slice());
      events.push(path);
      return Promise.resolve();
    },
    remove(paths: readonly string[]) {
      for (const path of paths) files.delete(path);
      return Promise.resolve();
    },
    download(path: string) {
      events.push(path);
      const found = files.get(path);
      return found
        ? Promise.resolve(found)
        : Promise.reject(new Error("gone", { cause: { statusCode: "404" } }));
    },
  } as unknown as ObjectStore;
  const encodings: EncodingStore = {
    add(_, found, seen) {
      const isOvertaken = seen !== null &&
        notes.some(({ path }) => !seen.includes(path));
      const fresh = found.filter(({ path }) =>
        !notes.some((note) => note.path === path)
      );
      if (!isOvertaken) notes.unshift(...fresh);
      events.push(isOvertaken ? "overtaken" : "noted");
      return Promise.resolve(isOvertaken ? "overtaken" : "noted");
    },
    find: (_, encoders) =>
      Promise.resolve(notes.filter((n) => encoders.includes(n.encoder))),
  };
  return { files, notes, events, deps: { objects, encodings } };
}

Deno.test("EncodingFiles cuts what is large, and notes it when all of it lies there", async () => {
  const { files, notes, events, deps } = memory();
  const own = new EncodingFiles(LEASE, deps, KEYS, 7); // two rows of three
  await own.keep([sentences(5)]);
  await own.keep([sentences(1, 9)]);
  await own.keep([]);
  const paths = [0, 1, 2, 3].map((i) =>
    `project/run/encodings/task-2-token-${i}.bin`
  );
  assert.deepEqual(events, [...paths.slice(0, 3), "noted", paths[3], "noted"]);
  assert.deepEqual(notes.map((n) => n.nContents), [1, 2, 2, 1]);
  const found = paths.flatMap((path) =>
    decodeEncodings(files.get(path)!).contentHashes
  );
  assert.deepEqual(found, [0, 1, 2, 3, 4, 9].map(hash));
});

Deno.test("EncodingFiles keeps a row that alone is larger than a file", async () => {
  const { notes, deps } = memory();
  await new EncodingFiles(LEASE, deps, KEYS, 2).keep([sentences(2)]);
  assert.deepEqual(notes.map((n) => n.nContents), [1, 1]);
});

Deno.test("EncodingFiles keeps nothing of a kind without a key", async () => {
  const { files, events, deps } = memory();
  await new EncodingFiles(LEASE, deps, { image: "image:1" })
    .keep([sentences(2)]);
  assert.equal(files.size, 0);
  assert.deepEqual(events, []);
});

Deno.test("EncodingFiles reads the newest first, no more than is needed, and passes over what is gone", async () => {
  const { files, events, deps } = memory();
  const own = new EncodingFiles(LEASE, deps, KEYS);
  for (const first of [0, 10, 20, 30]) await own.keep([sentences(2, first)]);
  await own.keep([{ ...sentences(1), kind: "image" }]);
  files.delete("project/run/encodings/task-2-token-3.bin");
  const damaged = files.get("project/run/encodings/task-2-token-2.bin")!;
  damaged[damaged.length - 9]! ^= 1;
  events.length = 0;
  const read: [string, number][] = [];
  await own.recall("dataset", [], ({ kind, values }) => {
    read.push([kind, values[0]!]);
    return Promise.resolve(kind === "sentence" ? 0 : 5);
  });
  assert.deepEqual(read, [["sentence", 10], ["image", 0]]);
  assert.deepEqual(
    events.map((path) => path.at(-5)),
    ["3", "2", "1", "4"],
  );
});

Deno.test("EncodingFiles stops where Storage is away, or the lease is lost", async () => {
  const { deps } = memory();
  const own = new EncodingFiles(LEASE, deps, KEYS);
  await own.keep([sentences(1)]);
  const away = new Error("away", { cause: { status: 503 } });
  const objects = { ...deps.objects, download: () => Promise.reject(away) };
  await assert.rejects(
    new EncodingFiles(LEASE, { ...deps, objects }, KEYS)
      .recall("dataset", [], () => Promise.resolve(1)),
    away,
  );
  const encodings = {
    ...deps.encodings,
    add: () => Promise.resolve("lost" as const),
  };
  await assert.rejects(
    new EncodingFiles(LEASE, { ...deps, encodings }, KEYS)
      .keep([sentences(1)]),
    /the lease was lost/,
  );
});

Deno.test("EncodingFiles reads no more than the 256 newest files of a kind", async () => {
  const { deps } = memory();
  const own = new EncodingFiles(LEASE, deps, KEYS);
  for (let i = 0; i < 260; i++) await own.keep([sentences(1, i)]);
  const read: number[] = [];
  await own.recall("dataset", [], ({ values }) => {
    read.push(values[0]!);
    return Promise.resolve(1);
  });
  assert.deepEqual(read, Array.from({ length: 256 }, (_, i) => 259 - i));
});

/** Files of one of two runs at once, and the contents it was given. */
async function opened(
  deps: ReturnType<typeof memory>["deps"],
  runId: string,
) {
  const own = new EncodingFiles({ ...LEASE, runId }, deps, KEYS);
  const known = new Set<string>();
  const asked = Array.from({ length: 10 }, (_, i) => hash(i));
  await own.recall("dataset", asked, ({ contentHashes }) => {
    for (const hash of contentHashes) known.add(hash);
    return Promise.resolve(1);
  });
  return { own, known };
}

/** Contents of all files that are noted, in the order of their paths. */
const contents = ({ files, notes }: ReturnType<typeof memory>) =>
  notes.map(({ path }) => path).sort().flatMap((path) =>
    decodeEncodings(files.get(path)!).contentHashes
  );

Deno.test("EncodingFiles of a second run takes what the first has kept meanwhile, and keeps the rest", async () => {
  const disk = memory();
  const first = await opened(disk.deps, "a");
  const second = await opened(disk.deps, "b");
  await first.own.keep([sentences(3)]);
  await second.own.keep([sentences(4, 1)]);
  assert.deepEqual(contents(disk), [0, 1, 2, 3, 4].map(hash));
  assert.deepEqual([...second.known], [0, 1, 2].map(hash));
  await second.own.keep([sentences(2)]);
  assert.equal(disk.notes.length, 2, "nothing is left to keep");
  await first.own.keep([sentences(3, 3)]);
  assert.deepEqual(contents(disk).sort(), [0, 1, 2, 3, 4, 5].map(hash));
  assert.equal(disk.files.size, disk.notes.length);
});

Deno.test("EncodingFiles keeps nothing twice where the first notes its files while the second writes its own", async () => {
  const disk = memory();
  const first = await opened(disk.deps, "a");
  let isFirst = true;
  const objects = {
    ...disk.deps.objects,
    upload: async (...given: Parameters<ObjectStore["upload"]>) => {
      await disk.deps.objects.upload(...given);
      if (isFirst) {
        isFirst = false;
        await first.own.keep([sentences(3)]);
      }
    },
  };
  const second = await opened({ ...disk.deps, objects }, "b");
  await second.own.keep([sentences(4)]);
  assert.deepEqual(contents(disk), [0, 1, 2, 3].map(hash));
  assert.ok(disk.events.includes("overtaken"));
  assert.equal(disk.files.size, disk.notes.length, "and leaves no file");
});

Deno.test("EncodingFiles keeps what was made though others never stop", async () => {
  const disk = memory();
  let n = 100;
  const objects = {
    ...disk.deps.objects,
    upload: async (...given: Parameters<ObjectStore["upload"]>) => {
      await disk.deps.objects.upload(...given);
      if (!given[0].includes("/b/")) return;
      const other = await opened(disk.deps, `a${n}`);
      await other.own.keep([sentences(1, n++)]);
    },
  };
  const own = await opened({ ...disk.deps, objects }, "b");
  await own.own.keep([sentences(2)]);
  assert.deepEqual(contents(disk).slice(-2), [0, 1].map(hash));
});

Deno.test("EncodingFiles writes over nothing that is noted, though an attempt that was given back is counted again", async () => {
  const disk = memory();
  const first = new EncodingFiles(LEASE, disk.deps, KEYS);
  await first.recall("dataset", [], () => Promise.resolve(1));
  const image: Encodings = { ...sentences(2), kind: "image" };
  await first.keep([image, sentences(2)]);
  const before = contents(disk);
  const lease = { ...LEASE, leaseToken: "next" };
  const second = new EncodingFiles(lease, disk.deps, KEYS);
  await second.recall("dataset", [], () => Promise.resolve(1));
  await second.keep([sentences(2, 2)]);
  assert.deepEqual(contents(disk).sort(), [...before, hash(2), hash(3)].sort());
  for (const { path, encoder } of disk.notes) {
    assert.equal(decodeEncodings(disk.files.get(path)!).encoder, encoder);
  }
});

Deno.test("EncodingFiles takes no file that another encoder gave, and keeps what it holds anew", async () => {
  const disk = memory();
  const first = await opened(disk.deps, "a");
  await first.own.keep([sentences(2)]);
  const { path } = disk.notes[0]!;
  const bytes = disk.files.get(path)!;
  const given = decodeEncodings(bytes);
  for (
    const other of [
      encodeEncodings({ ...given, encoder: KEYS.image }),
      encodeEncodings({ ...given, encoder: undefined as never }), // of before
    ]
  ) {
    disk.files.set(path, other);
    const { own, known } = await opened(disk.deps, "b");
    assert.equal(known.size, 0);
    await own.keep([sentences(2)]);
    const { path: anew } = disk.notes[0]!;
    assert.notEqual(anew, path);
    assert.deepEqual(decodeEncodings(disk.files.get(anew)!), given);
    disk.notes.shift();
    disk.files.delete(anew);
  }
});

/** Bytes of the heap that something still points to. */
function heldBytes(): number {
  v8.setFlagsFromString("--expose-gc");
  vm.runInNewContext("gc")();
  return Deno.memoryUsage().heapUsed;
}

Deno.test("EncodingFiles remembers contents that are asked for, not all that files hold", async () => {
  const disk = memory();
  const [nFiles, nContents] = [20, 5000];
  const first = new EncodingFiles(LEASE, disk.deps, KEYS);
  for (let i = 0; i < nFiles; i++) {
    await first.keep([sentences(nContents, i * nContents)]);
  }
  const own = new EncodingFiles({ ...LEASE, runId: "b" }, disk.deps, KEYS);
  const asked = [7, 7, 50_000, nFiles * nContents];
  const before = heldBytes();
  await own.recall("dataset", asked.map(hash), () => Promise.resolve(1));
  const held = heldBytes() - before;
  assert.ok(
    held < 20 * nFiles * nContents,
    `${held} bytes; a hash is 64 of them`,
  );
  const made = { ...sentences(3), contentHashes: asked.slice(1).map(hash) };
  await own.keep([made]);
  const { contentHashes, values } = decodeEncodings(
    disk.files.get(disk.notes[0]!.path)!,
  );
  assert.deepEqual(contentHashes, [hash(nFiles * nContents)]);
  assert.deepEqual([...values], [6, 7, 8]);
});
