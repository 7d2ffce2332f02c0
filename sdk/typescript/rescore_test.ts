// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { AssayError, rescore } from "./mod.ts";
import { startFakeServer } from "./testing/fake_server.ts";

const JOBS = { job_id: "j1", jobs: [{ job_id: "j1", run_id: "r1" }] };
const MODEL = {
  model_id: "m",
  project_id: "p",
  name: "forest",
  class_names: ["ham", "spam"],
  size_bytes: 3,
  sha256: "ab",
};
const asked = (server: { seen: { body: Uint8Array<ArrayBuffer> }[] }) =>
  JSON.parse(new TextDecoder().decode(server.seen[0]!.body));

Deno.test("rescore() asks once with a key, waits, compares and cancels", async () => {
  await using server = startFakeServer();
  server.answers.push(Response.json(JOBS, { status: 202 }));
  const thresholds = { mislabeled: { min_probability: 0.5 } };
  const job = await rescore(["r1"], {
    thresholds,
    url: server.url,
    apiKey: "key",
  });
  assert.deepEqual(asked(server), {
    job_kind: "rescore_run",
    run_ids: ["r1"],
    settings: thresholds,
    apply_verdicts: true,
  });
  assert.ok(server.seen[0]!.headers.get("idempotency-key"));
  assert.deepEqual([...job.jobs], [["r1", "j1"]]);
  const states: string[] = [];
  await job.wait({ onProgress: ({ state }) => states.push(state) });
  assert.deepEqual(states, ["succeeded"]);

  const rows = [{ revision_id: "b", job_id: "j1" }];
  const difference = { counts: { newly_flagged: 3 }, rows: [] };
  server.answers.push(Response.json({ rows }), Response.json(difference));
  assert.deepEqual(await job.difference("r1", { change: "rank" }), difference);
  const { path, query } = server.seen.at(-1)!;
  assert.equal(path, "api/v1/runs/r1/revisions/b/difference");
  assert.deepEqual(query, { change: "rank" });

  server.answers.push(Response.json({ rows: [] }));
  await assert.rejects(
    job.difference(),
    (error) =>
      error instanceof AssayError && /not scored again yet/.test(error.message),
  );
  await job.cancel();
  assert.deepEqual(
    [server.seen.at(-1)!.method, server.seen.at(-1)!.path],
    ["DELETE", "api/v1/jobs/j1"],
  );
});

Deno.test("rescore() takes one run, and compares no other", async () => {
  await using server = startFakeServer();
  server.answers.push(Response.json(JOBS, { status: 202 }));
  const job = await rescore("r1", { url: server.url, apiKey: "key" });
  assert.deepEqual(asked(server).run_ids, ["r1"]);
  await assert.rejects(job.difference("r2"), {
    name: "RangeError",
    message:
      'Cannot compare run "r2" as it must be one of those that are scored again: r1',
  });
});

Deno.test("rescore() takes a filter over the key's project", async () => {
  await using server = startFakeServer();
  server.answers.push(
    Response.json({ projects: [{ project_id: "own" }] }),
    Response.json(JOBS, { status: 202 }),
  );
  await rescore({ incomplete: false }, { url: server.url, apiKey: "key" });
  const { filter } = JSON.parse(new TextDecoder().decode(server.seen[1]!.body));
  assert.deepEqual(filter, {
    project_id: "own",
    dataset_id: null,
    name_contains: null,
    incomplete: false,
  });
});

Deno.test("rescore() takes a filter", async () => {
  await using server = startFakeServer();
  server.answers.push(Response.json(JOBS, { status: 202 }));
  await rescore({ projectId: "p", nameContains: "mails" }, {
    url: server.url,
    apiKey: "key",
  });
  assert.deepEqual(asked(server).filter, {
    project_id: "p",
    dataset_id: null,
    name_contains: "mails",
    incomplete: null,
  });
});

Deno.test("rescore() names a model and what it had seen, or goes back to what was logged", async () => {
  await using server = startFakeServer();
  const to = { url: server.url, apiKey: "key" };
  for (
    const [options, expected] of [
      [{ modelId: "m", predictionKind: "out_of_sample" }, [
        "m",
        "out_of_sample",
      ]],
      [{ modelId: MODEL }, ["m", undefined]],
      [{ modelId: null }, [null, undefined]],
    ] as const
  ) {
    server.seen.length = 0;
    server.answers.push(Response.json(JOBS, { status: 202 }));
    await rescore(["r1"], { ...to, ...options });
    const { model_id, prediction_kind } = asked(server);
    assert.deepEqual([model_id, prediction_kind], expected);
  }
});
