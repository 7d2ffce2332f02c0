import assert from "node:assert/strict";
import { join } from "node:path";
import { AssayError, uploadModel } from "./mod.ts";
import { uploadToStorage } from "./storage_upload.ts";
import { layCutLine } from "./testing/cut_line.ts";
import { startFakeModels } from "./testing/fake_models.ts";
import { refusal } from "./testing/fake_server.ts";

const FOREST = {
  inputKind: "features",
  classNames: ["ham", "spam"],
  apiKey: "k",
} as const;
const SMALL = Uint8Array.of(1, 2, 3);
/** Three pieces and a bit. */
const LARGE = Uint8Array.from({ length: 20_000_000 }, (_, i) => i * i >> 7);
const now = { "retry-after": "0" };

Deno.test("uploadModel() describes a model, sends its bytes at once, and says how far it is", async () => {
  await using server = startFakeModels();
  const seen: [number, number][] = [];
  const model = await uploadModel(SMALL, {
    ...FOREST,
    url: server.url,
    name: "forest",
    outputs: { probs: "probabilities" },
    onProgress: ({ sentBytes, sizeBytes }) => seen.push([sentBytes, sizeBytes]),
  });
  const id = model.model_id;
  assert.deepEqual(server.seen, [
    "GET api/v1/me",
    `PUT api/v1/models/${id}`,
    `PUT api/v1/models/${id}/bytes`,
  ]);
  assert.deepEqual(server.models.get(id), {
    project_id: "p",
    name: "forest",
    input_kind: "features",
    input_name: null,
    preprocessing: null,
    class_names: ["ham", "spam"],
    outputs: { logits: null, probs: "probabilities", embedding: null },
  });
  assert.deepEqual([...server.stored.get(id)!], [...SMALL]);
  assert.deepEqual([model.name, model.size_bytes], ["forest", 3]);
  assert.deepEqual(seen, [[0, 3], [3, 3]]);
});

Deno.test("uploadModel() takes a file, a Blob, a buffer and streams, and names it after its file", async () => {
  await using server = startFakeModels();
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "net.v2.onnx");
    await Deno.writeFile(path, SMALL);
    const sources = [
      [path, "net.v2"],
      [new URL(`file://${path}`), "net.v2"],
      [new File([SMALL], "tree.onnx"), "tree"],
      [new Blob([SMALL]), "model"],
      [SMALL.buffer, "model"],
      [new Blob([SMALL]).stream(), "model"],
      [
        (async function* () {
          yield SMALL.subarray(0, 2);
          yield await Promise.resolve(SMALL.subarray(2));
        })(),
        "model",
      ],
    ] as const;
    for (const [source, name] of sources) {
      const model = await uploadModel(source, {
        ...FOREST,
        url: server.url,
        projectId: "mine",
      });
      assert.deepEqual(
        [server.models.get(model.model_id)!.project_id, model.name],
        ["mine", name],
      );
      assert.deepEqual([...server.stored.get(model.model_id)!], [...SMALL]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("uploadModel() refuses what is no model before anything is sent", async () => {
  await using server = startFakeModels();
  const at = { ...FOREST, url: server.url };
  const empty = uploadModel(new Uint8Array(), at);
  await assert.rejects(empty, {
    name: "RangeError",
    message: /it must have bytes: current value is empty/,
  });
  const huge = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(50_000_000)),
  });
  await assert.rejects(uploadModel(huge, at), {
    name: "RangeError",
    message: /at most 268435456 bytes/,
  });
  await assert.rejects(uploadModel(SMALL, { ...at, classNames: [] }), {
    name: "RangeError",
    message: /classNames must be 1 to 10000 names: got 0/,
  });
  for (const nothing of [undefined, null, 7] as unknown as Blob[]) {
    await assert.rejects(uploadModel(nothing, at), {
      name: "TypeError",
      message: /it must be bytes, a Blob, a stream or the path of a file/,
    });
  }
  await assert.rejects(uploadModel("/no/such/file.onnx", at), {
    code: "ENOENT",
  });
  assert.deepEqual(server.seen, []);
});

Deno.test("a large model goes to Storage in pieces", async () => {
  await using server = startFakeModels();
  const sent: number[] = [];
  const { model_id } = await uploadModel(LARGE, {
    ...FOREST,
    url: server.url,
    onProgress: ({ sentBytes }) => sent.push(sentBytes),
  });
  assert.deepEqual(server.stored.get(model_id), LARGE);
  const piece = 6 * 1_048_576;
  const ends = [piece, 2 * piece, 3 * piece, LARGE.length];
  assert.deepEqual(sent, [0, ...ends, LARGE.length]);
  assert.deepEqual(
    server.seen.map((line) => line.replace(/[0-9a-f-]{36}/, "ID")),
    [
      "GET api/v1/me",
      "PUT api/v1/models/ID",
      "POST api/v1/models/ID/sign",
      "POST upload/resumable/sign",
      ...ends.map(() => "PATCH upload/resumable/sign/ID"),
      "POST api/v1/models/ID/complete",
    ],
  );
});

Deno.test("after a cut in mid upload it goes on where it was, and there is one model", async () => {
  await using server = startFakeModels();
  await using line = layCutLine(server.url);
  const sent: number[] = [];
  const { model_id } = await uploadModel(LARGE, {
    ...FOREST,
    url: line.url,
    onProgress: ({ sentBytes }) => {
      if (sent.length === 1) line.cutAfter(3_000_000); // in the second piece
      sent.push(sentBytes);
    },
  });
  assert.equal(line.cuts, 1);
  assert.deepEqual(server.stored.get(model_id), LARGE);
  assert.deepEqual([server.models.size, server.stored.size], [1, 1]);
  assert.ok(server.seen.some((line) => line.startsWith("HEAD")));
  assert.deepEqual(sent, [...sent].sort((a, b) => a - b));
  assert.equal(server.seen.filter((l) => l.startsWith("POST up")).length, 1);
});

Deno.test("after a cut in a small model it is sent again, under the same id", async () => {
  await using server = startFakeModels();
  await using line = layCutLine(server.url);
  const bytes = LARGE.slice(0, 5_000_000);
  const { model_id } = await uploadModel(bytes, {
    ...FOREST,
    url: line.url,
    onProgress: ({ sentBytes }) => {
      if (sentBytes === 0) line.cutAfter(2_000_000);
    },
  });
  assert.equal(line.cuts, 1);
  assert.deepEqual(server.stored.get(model_id), bytes);
  assert.equal(server.models.size, 1);
});

Deno.test("a server that is busy, away or at fault is asked again, as late as it says", async () => {
  await using server = startFakeModels();
  const busy = { "retry-after": "1" };
  let busySince = 0;
  const respond = (status: number, headers = now) => () =>
    refusal(status, "busy", headers);
  server.faults.push(
    { at: "GET api/v1/me", respond: respond(500) },
    {
      at: "PUT api/v1/models",
      respond: () => {
        busySince = performance.now();
        return refusal(429, "too_many_requests", busy);
      },
    },
    { at: "POST upload", respond: respond(503) },
    { at: "PATCH upload", respond: respond(429) },
    { at: "PATCH upload", respond: respond(423) },
    { at: "HEAD upload", respond: respond(502) },
    { at: "POST api", respond: respond(503) },
  );
  let waitedMs = 0;
  const { model_id } = await uploadModel(LARGE, {
    ...FOREST,
    url: server.url,
    onProgress: ({ sentBytes }) => {
      if (sentBytes === 0) waitedMs = performance.now() - busySince;
    },
  });
  assert.ok(waitedMs >= 990, `${waitedMs}`);
  assert.equal(server.faults.length, 0);
  assert.deepEqual(server.stored.get(model_id), LARGE);
  assert.equal(server.models.size, 1);
});

Deno.test("a piece that was lost after longer than is waited for is sent again: the time runs from the first failure", async () => {
  await using server = startFakeModels();
  const late = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return refusal(503, "away", now);
  };
  const place = {
    bucket: "runs",
    path: "p/models/m/announced.onnx",
    // deno-lint-ignore camelcase
    upload_url: `${server.url}/storage/v1/object/upload/sign/runs/p?token=t`,
    token: "t",
  };
  server.faults.push({ at: "POST upload", respond: late });
  server.faults.push({ at: "PATCH upload", respond: late });
  const sent: number[] = [];
  const onSent = (bytes: number) => void sent.push(bytes);
  assert.ok(await uploadToStorage(place, SMALL, { giveUpMs: 0, onSent }));
  assert.deepEqual(sent, [SMALL.length]);
});

Deno.test("an upload that Storage does not know any more is begun anew", async () => {
  await using server = startFakeModels();
  const gone = () => new Response("gone", { status: 410 });
  server.faults.push({ at: "PATCH", respond: gone });
  const { model_id } = await uploadModel(LARGE, { ...FOREST, url: server.url });
  assert.deepEqual(server.stored.get(model_id), LARGE);
  assert.equal(server.seen.filter((l) => l.startsWith("POST up")).length, 2);
});

Deno.test("the same call with the same id finds what is there, and makes no second model", async () => {
  await using server = startFakeModels();
  const options = { ...FOREST, url: server.url, modelId: crypto.randomUUID() };
  server.faults.push({
    at: `POST api/v1/models/${options.modelId}/complete`,
    respond: () => refusal(409, "conflict"),
  }, {
    at: `POST api/v1/models/${options.modelId}/complete`,
    respond: () => refusal(403, "forbidden"),
  });
  await assert.rejects(uploadModel(LARGE, options), {
    name: "AssayError",
    code: "forbidden",
  });
  assert.equal(server.stored.size, 0, "in Storage, and the model not told");
  server.seen.length = 0;
  const { model_id } = await uploadModel(LARGE, options);
  assert.equal(model_id, options.modelId);
  assert.deepEqual(server.stored.get(model_id), LARGE);
  assert.deepEqual(
    server.seen.filter((l) => /PATCH|sign/.test(l)),
    [],
    "nothing is sent again",
  );
});

Deno.test("a refusal is the server's sentence, and is not tried again", async () => {
  await using server = startFakeModels();
  server.faults.push({
    at: "PUT api/v1/models",
    respond: () => refusal(403, "forbidden"),
  });
  await assert.rejects(
    uploadModel(SMALL, { ...FOREST, url: server.url }),
    (error) =>
      error instanceof AssayError && error.status === 403 &&
      error.message === "Cannot do it: forbidden",
  );
  assert.equal(server.seen.length, 2);

  server.faults.push({
    at: "PATCH",
    respond: () => new Response("Maximum size exceeded\n", { status: 413 }),
  });
  await assert.rejects(uploadModel(LARGE, { ...FOREST, url: server.url }), {
    status: 413,
    message:
      "Cannot send the model's bytes to Storage (The server answered 413: Maximum size exceeded)",
  });
});

Deno.test("who has no project, or several, is asked which", async () => {
  await using server = startFakeModels();
  const projects = [{ project_id: "p" }, { project_id: "q" }];
  server.faults.push({
    at: "GET api/v1/me",
    respond: () => Response.json({ projects }),
  });
  await assert.rejects(uploadModel(SMALL, { ...FOREST, url: server.url }), {
    code: "no_project",
    message: /one of 2 must be meant: name projectId/,
  });
});

Deno.test("a signal ends an upload at once, with its own reason, wherever it is", async () => {
  await using server = startFakeModels();
  const at = { ...FOREST, url: server.url };
  const reason = new Error("enough");
  const early = AbortSignal.abort(reason);
  await assert.rejects(uploadModel(SMALL, { ...at, signal: early }), reason);
  assert.deepEqual(server.seen, []);

  const { promise: never, resolve } = Promise.withResolvers<Response>();
  for (
    const [place, respond] of [
      ["PATCH", () => never], // no answer
      ["PATCH", () => refusal(503, "busy", { "retry-after": "50" })], // a pause
    ] as const
  ) {
    const stop = new AbortController();
    server.faults.push({
      at: place,
      respond: () => {
        setTimeout(() => stop.abort(reason), 50);
        return respond();
      },
    });
    const call = uploadModel(LARGE, { ...at, signal: stop.signal });
    await assert.rejects(call, reason);
  }
  assert.equal(server.stored.size, 0);
  resolve(new Response());

  const stop = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    start: () => void setTimeout(() => stop.abort(reason), 50),
  });
  const call = uploadModel(endless, { ...at, signal: stop.signal });
  await assert.rejects(call, reason);
});
