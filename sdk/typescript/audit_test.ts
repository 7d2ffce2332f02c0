// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { type Audit, audit, type AuditSample } from "./mod.ts";
import {
  type FakeServer,
  refusal,
  startFakeServer,
} from "./testing/fake_server.ts";

const DRAWN = {
  audit_id: "a",
  n_judged: 0,
  n_left_out: 0,
  n_remaining: 3,
  n_needed: 3,
  answer: null,
};
const sample = (
  position: number,
  sample_id: string,
  given_label: string,
  split: AuditSample["split"] = "training",
): AuditSample => ({
  position,
  sample_id,
  split,
  given_label,
  metadata: {},
  text_preview: null,
  verdict: null,
  verdict_label: null,
});
const [X, Y, Z] = [
  sample(0, "x", "ham"),
  sample(1, "y", "spam"),
  sample(2, "x", "spam", "validation"),
];
const page = (rows: readonly AuditSample[], next_cursor: string | null) =>
  Response.json({ rows, next_cursor });

/** An audit of two samples or more, in two pages. */
async function drawn(
  server: FakeServer,
  rest: readonly AuditSample[] = [Y],
): Promise<Audit> {
  server.answers.push(
    Response.json(DRAWN, { status: 201 }),
    page([X], "c"),
    page(rest, null),
  );
  return await audit("r", {
    nSamples: 20,
    seed: 5,
    url: server.url,
    apiKey: "k",
  });
}

const bodyOf = ({ body }: { body: Uint8Array<ArrayBuffer> }) =>
  JSON.parse(new TextDecoder().decode(body));

Deno.test("audit() draws, and reads what to judge page by page", async () => {
  await using server = startFakeServer();
  const made = await drawn(server);
  assert.deepEqual([made.id, made.runId, made.ids], ["a", "r", ["x", "y"]]);
  assert.deepEqual(made.samples, [X, Y]);
  assert.deepEqual(bodyOf(server.seen[0]!), { n_samples: 20, seed: 5 });
  assert.deepEqual(
    server.seen.map(({ method, path, query }) => [method, path, query]),
    [
      ["POST", "api/v1/runs/r/audits", {}],
      ["GET", "api/v1/runs/r/audits/a/samples", { state: "all", limit: "500" }],
      ["GET", "api/v1/runs/r/audits/a/samples", {
        state: "all",
        limit: "500",
        cursor: "c",
      }],
    ],
  );
  server.answers.push(page([Y], null));
  assert.deepEqual(await made.remaining(), [Y]);
  assert.equal(server.seen.at(-1)!.query.state, "remaining");
});

Deno.test("audit() draws 100 samples unless it is told otherwise", async () => {
  await using server = startFakeServer();
  server.answers.push(Response.json(DRAWN, { status: 201 }), page([], null));
  await audit("r", { url: server.url, apiKey: "k" });
  assert.deepEqual(bodyOf(server.seen[0]!), { n_samples: 100, seed: 0 });
});

Deno.test("judge() tells labels as verdicts", async () => {
  await using server = startFakeServer();
  const made = await drawn(server);
  await made.judge({ x: "spam", y: "spam" });
  await made.judge([[Y, null]]);
  await made.judge(new Map([["x", "ham"]]));
  const told = server.seen.slice(3).flatMap((seen) => {
    assert.deepEqual([seen.method, seen.path], [
      "PUT",
      "api/v1/runs/r/verdicts",
    ]);
    return bodyOf(seen).verdicts as Record<string, string>[];
  });
  const training = { split: "training" };
  assert.deepEqual(told.map(({ verdict_id: _, ...rest }) => rest), [
    { sample_id: "x", ...training, verdict: "relabel", label: "spam" },
    { sample_id: "y", ...training, verdict: "keep", label: null },
    { sample_id: "y", ...training, verdict: "drop", label: null },
    { sample_id: "x", ...training, verdict: "keep", label: null },
  ]);
  assert.equal(new Set(told.map((each) => each.verdict_id)).size, 4);
});

Deno.test("judge() refuses strangers, unclear ids and what is no label, before anything is sent", async () => {
  await using server = startFakeServer();
  const made = await drawn(server, [Y, Z]);
  const before = server.seen.length;
  await assert.rejects(made.judge({ y: "ham", z: "ham" }), {
    name: "RangeError",
    message:
      'Cannot judge samples as they must be of the audit: current value is "z"',
  });
  await assert.rejects(made.judge({ x: "ham" }), {
    name: "RangeError",
    message: /"x" by its id as it is in several splits: give \[sample, label\]/,
  });
  await assert.rejects(made.judge({ y: 1 as unknown as string }), {
    name: "TypeError",
    message: /must be the name of a class, or null: current value is 1/,
  });
  await made.judge({});
  assert.equal(server.seen.length, before);
  await made.judge([[Z, "ham"], [X, "ham"]]);
  assert.deepEqual(
    bodyOf(server.seen.at(-1)!).verdicts.map((
      { split, verdict }: Record<string, string>,
    ) => [split, verdict]),
    [["validation", "relabel"], ["training", "keep"]],
  );
});

Deno.test("judge() sends a thousand at a time, and the same again while the server is away", async () => {
  await using server = startFakeServer();
  const many = Array.from(
    { length: 1500 },
    (_, i) => sample(i + 1, `s${i}`, "ham"),
  );
  const made = await drawn(server, many);
  server.answers.push(
    refusal(503, "upstream_unavailable", { "retry-after": "0" }),
  );
  await made.judge(many.map((each) => [each, "ham"]));
  const sent = server.seen.slice(3).map((seen) => bodyOf(seen).verdicts);
  assert.deepEqual(sent.map((verdicts) => verdicts.length), [1000, 1000, 500]);
  assert.deepEqual(sent[0], sent[1]);
});

Deno.test("result() is a number, or says what is needed", async () => {
  await using server = startFakeServer();
  const made = await drawn(server);
  server.answers.push(Response.json({ ...DRAWN, n_left_out: 1 }));
  const before = await made.result();
  assert.deepEqual(
    [before.n_needed, before.n_left_out, before.n_errors],
    [3, 1, null],
  );
  assert.equal(`${before}`, "0 judged; 3 more are needed for a number");
  server.answers.push(Response.json({ ...DRAWN, n_remaining: 1 }));
  assert.equal(
    `${await made.result()}`,
    "0 judged; 3 more are needed for a number, but only 1 left: draw others with another seed",
  );

  const answer = {
    n_labels: 4000,
    n_errors: { mean: 123.4, low: 98.1, high: 1151 },
    rate: { mean: 0.031, low: 0.0245, high: 0.28775 },
    n_confirmed: 1,
  };
  const judged = { n_judged: 3, n_needed: 0, n_remaining: 0, answer };
  server.answers.push(Response.json({ ...DRAWN, ...judged }));
  const after = await made.result();
  assert.deepEqual(
    [after.n_errors_interval, after.rate, after.n_labels, after.n_confirmed],
    [{ low: 98.1, high: 1151 }, 0.031, 4000, 1],
  );
  assert.deepEqual(after.rate_interval, { low: 0.0245, high: 0.28775 });
  assert.equal(
    String(after),
    "123 of 4,000 labels are wrong (90 % interval 98 to 1,151, 2.5 to 28.8 %), 3 judged",
  );
});

Deno.test("a run that is not scored has the server's sentence, and a signal its reason", async () => {
  await using server = startFakeServer();
  server.answers.push(refusal(409, "conflict"));
  const at = { url: server.url, apiKey: "k" };
  await assert.rejects(audit("r", at), { name: "AssayError", status: 409 });
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(audit("r", { ...at, signal }), reason);
  const made = await drawn(server);
  const before = server.seen.length;
  await assert.rejects(made.judge({ x: "ham" }, { signal }), reason);
  await assert.rejects(made.result({ signal }), reason);
  await assert.rejects(made.remaining({ signal }), reason);
  assert.equal(server.seen.length, before);
});
