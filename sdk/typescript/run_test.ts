import assert from "node:assert/strict";
import { tableFromIPC } from "@uwdata/flechette";
import { startRun } from "./mod.ts";
import { refusal, startFakeServer } from "./testing/fake_server.ts";

const LABELS = { name: "r", labelNames: ["ham", "spam"] };

Deno.test("a run is described, logged in parts with keys, finished with a manifest, and read", async () => {
  await using server = startFakeServer();
  const run = await startRun({
    ...LABELS,
    url: server.url,
    apiKey: "key",
    dataset: "mails",
  });
  await run.logSamples({
    ids: ["a", 2],
    labels: ["ham", null],
    texts: ["x", "ä"],
    metadata: { folder: [1, 2] },
  });
  for (const epoch of [0, 1]) {
    await run.logOutputs({
      ids: ["a", 2],
      logits: Float32Array.of(1, 2, 3, 4),
      embeddings: Float32Array.of(1, 2),
      epoch,
    });
  }
  await run.finish();
  const states: string[] = [];
  await run.wait({ onProgress: ({ state }) => states.push(state) });
  assert.deepEqual(states, ["succeeded"]);

  const [put, ...rest] = server.seen;
  assert.equal(put!.method, "PUT");
  assert.equal(put!.headers.get("authorization"), "Bearer key");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(put!.body)), {
    name: "r",
    label_names: ["ham", "spam"],
    dataset: "mails",
  });
  const parts = rest.filter((r) => r.path.endsWith("/parts"));
  assert.deepEqual(
    parts.map((p) => [p.query.kind, p.query.epoch, p.query.seq]).sort(),
    [
      ["outputs", "0", "0"],
      ["outputs", "1", "0"],
      ["samples", "0", "0"],
    ],
  );
  assert.equal(
    new Set(parts.map((p) => p.headers.get("idempotency-key"))).size,
    3,
  );
  const samples = tableFromIPC(
    parts.find((p) => p.query.kind === "samples")!.body,
  );
  assert.deepEqual(samples.toArray(), [
    { id: "a", label: "ham", text: "x", folder: 1 },
    { id: "2", label: null, text: "ä", folder: 2 },
  ]);
  const outputs = tableFromIPC(parts.find((p) => p.query.epoch === "1")!.body);
  assert.deepEqual(Array.from(outputs.getChild("logits")!.at(1)), [3, 4]);
  assert.deepEqual(Array.from(outputs.getChild("embedding")!.at(1)), [2]);
  const finish = rest.find((r) => r.path.endsWith("/finish"))!;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(finish.body)).manifest, [
    { part_kind: "samples", split: "training", epoch: 0, parts: 1, rows: 2 },
    { part_kind: "outputs", split: "training", epoch: 0, parts: 1, rows: 2 },
    { part_kind: "outputs", split: "training", epoch: 1, parts: 1, rows: 2 },
  ]);
});

Deno.test("what is large is cut into parts that the manifest counts", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  const ids = Array.from({ length: 9 }, (_, i) => i);
  await run.logSamples({ ids, texts: ids.map(() => "x".repeat(2_000_000)) });
  await run.finish();
  const parts = server.seen.filter((r) => r.path.endsWith("/parts"));
  assert.deepEqual(parts.map((p) => Number(p.query.seq)).sort(), [0, 1, 2]);
  assert.ok(parts.every((p) => p.body.length < 9e6));
  const rows = parts.flatMap((p) =>
    tableFromIPC(p.body).toArray().map((r) => (r as { id: string }).id)
  );
  assert.deepEqual(rows.sort(), ids.map(String));
  const { manifest } = JSON.parse(
    new TextDecoder().decode(server.seen.at(-1)!.body),
  );
  assert.deepEqual([manifest[0].parts, manifest[0].rows], [3, 9]);
});

Deno.test("an array that does not fit its ids is refused loudly, before anything is sent", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  const ids = ["a", "b"];
  const refused = (call: Promise<void>, message: RegExp) =>
    assert.rejects(call, { name: "RangeError", message });
  await refused(
    run.logSamples({ ids, labels: ["ham"] }),
    /labels must have 2 entries, one for each id: got 1/,
  );
  await refused(
    run.logSamples({ ids, metadata: { folder: [1, 2, 3] } }),
    /folder must have 2 entries/,
  );
  await refused(
    run.logOutputs({ ids, logits: new Float32Array(3), epoch: 0 }),
    /logits must have 2 x 2 numbers, a row for each id: got 3/,
  );
  await refused(run.logOutputs({ ids, epoch: 0 }), /must have logits or probs/);
  await refused(
    run.logOutputs({
      ids,
      probs: new Float32Array(4),
      embeddings: new Float32Array(5),
      epoch: 0,
    }),
    /embeddings must have a row for each of 2 ids/,
  );
  assert.equal(server.seen.length, 1);
});

Deno.test("requests are sent again, with the same key, while the server is away", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  server.answers.push(
    refusal(503, "upstream_unavailable", { "retry-after": "0" }),
    refusal(429, "busy", { "retry-after": "0" }),
  );
  await run.logSamples({ ids: ["a"] });
  await run.finish();
  const parts = server.seen.filter((r) => r.path.endsWith("/parts"));
  assert.equal(parts.length, 3);
  assert.equal(
    new Set(parts.map((p) => p.headers.get("idempotency-key"))).size,
    1,
  );
});

Deno.test("a refusal is not tried again, and finish() says what it was", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  server.answers.push(refusal(413, "too_large"), refusal(413, "too_large"));
  await run.logSamples({ ids: ["a"] });
  await assert.rejects(run.finish(), {
    name: "AssayError",
    code: "too_large",
    status: 413,
  });
  assert.equal(
    server.seen.filter((r) => r.path.endsWith("/parts")).length,
    2,
    "once when logged, once more by finish()",
  );
});

Deno.test("parts that are missing are named by finish()", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  server.answers.push(refusal(409, "parts_missing"));
  await assert.rejects(run.finish(), {
    code: "parts_missing",
    details: { missing: [1] },
  });
});

Deno.test("a failed job is an error with the job's own sentence", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  await run.finish();
  server.answers.push(
    Response.json({
      state: "failed",
      error: "Cannot score run: no usable sample was logged",
    }),
  );
  await assert.rejects(run.wait(), {
    code: "job_failed",
    message: /no usable sample/,
  });
});

Deno.test("worst() reads pages until it has enough", async () => {
  await using server = startFakeServer();
  const run = await startRun({ ...LABELS, url: server.url, apiKey: "key" });
  const page = (from: number, n: number, next: string | null) =>
    Response.json({
      rows: Array.from({ length: n }, (_, i) => ({ rank: from + i })),
      next_cursor: next,
    });
  server.answers.push(page(1, 500, "c1"), page(501, 100, null));
  const rows = await run.worst(600, { issue_type: "mislabeled" });
  assert.deepEqual([rows.length, rows.at(-1)!.rank], [600, 600]);
  const queries = server.seen.slice(1).map((r) => r.query);
  assert.deepEqual(queries, [
    { issue_type: "mislabeled", limit: "500" },
    { issue_type: "mislabeled", limit: "100", cursor: "c1" },
  ]);
});
