import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import type { Delivery } from "../runner/run_task.ts";
import { createIntake } from "./app.ts";

const TASK = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";
const URL_TASKS = "http://worker:8080/v1/tasks";

/** A delivery signed as the queue signs it. */
function signed(
  body: string,
  { key = "sig_current", url = URL_TASKS, lifeSeconds = 300 } = {},
): Request {
  const encode = (value: unknown) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
      .toString("base64url");
  const now = Math.floor(Date.now() / 1000) - (lifeSeconds < 0 ? 600 : 0);
  const claims = {
    iss: "Upstash",
    sub: url,
    iat: now,
    nbf: now,
    exp: now + Math.abs(lifeSeconds),
    jti: "j",
    body: createHash("sha256").update(body).digest("base64url"),
  };
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  const signature = createHmac("sha256", key).update(text).digest("base64url");
  return new Request(url, {
    method: "POST",
    body,
    headers: { "upstash-signature": `${text}.${signature}` },
  });
}

function intake(run: (taskId: string) => Promise<Delivery> | null) {
  const relayed: (readonly string[])[] = [];
  let sweeps = 0;
  const app = createIntake({
    keys: { current: "sig_current", next: "sig_next" },
    publicUrl: "http://worker:8080/",
    run,
    relay: (taskIds) => relayed.push(taskIds),
    sweep: () => Promise.resolve(void sweeps++),
    log: () => {},
  });
  return { app, relayed, sweeps: () => sweeps };
}

const message = JSON.stringify({ version: 1, taskId: TASK });
const never = () => assert.fail("no task may run");

Deno.test("a delivery that no key has signed is refused", async () => {
  const { app } = intake(never);
  for (
    const request of [
      signed(message, { key: "sig_other" }),
      signed(message, { lifeSeconds: -60 }),
      new Request(URL_TASKS, { method: "POST", body: message }),
      new Request(URL_TASKS, {
        method: "POST",
        body: "{}",
        headers: signed(message).headers,
      }),
    ]
  ) {
    assert.equal((await app.request(request)).status, 401);
  }
});

Deno.test("both keys are good, for the URL that was signed", async () => {
  const { app } = intake(() => Promise.resolve({ outcome: "closed" }));
  assert.equal((await app.request(signed(message))).status, 200);
  assert.equal(
    (await app.request(signed(message, { key: "sig_next" }))).status,
    200,
  );
  const elsewhere = signed(message, { url: "http://other:8080/v1/tasks" });
  assert.equal(
    (await app.request("/v1/tasks", {
      method: "POST",
      body: message,
      headers: elsewhere.headers,
    })).status,
    401,
  );
});

Deno.test("a message that can never be read goes to the dead letters", async () => {
  const { app } = intake(never);
  for (
    const body of [
      "no json",
      "{}",
      JSON.stringify({ version: 2, taskId: TASK }),
      JSON.stringify({ version: 1, taskId: "x" }),
    ]
  ) {
    const response = await app.request(signed(body));
    assert.equal(response.status, 489);
    assert.equal(response.headers.get("upstash-nonretryable-error"), "true");
  }
});

Deno.test("the status tells the queue what to do next", async () => {
  const cases: [
    Delivery | null,
    number,
    string | null,
    readonly string[] | null,
  ][] = [
    [{ outcome: "done", taskIds: ["next"] }, 200, null, ["next"]],
    [{ outcome: "closed" }, 200, null, null],
    [{ outcome: "gone" }, 200, null, null],
    [{ outcome: "lost" }, 200, null, null],
    [{ outcome: "requeued" }, 200, null, [TASK]],
    [{ outcome: "held", retryAfterSeconds: 7 }, 503, "7", null],
    [{ outcome: "failed" }, 489, null, null],
    [null, 503, "2", null],
  ];
  for (const [delivery, status, retryAfter, rung] of cases) {
    const { app, relayed } = intake((taskId) => {
      assert.equal(taskId, TASK);
      return delivery && Promise.resolve(delivery);
    });
    const response = await app.request(signed(message));
    assert.equal(response.status, status, JSON.stringify(delivery));
    assert.equal(response.headers.get("retry-after"), retryAfter);
    assert.deepEqual(relayed, rung === null ? [] : [rung]);
    await response.body?.cancel();
  }
});

Deno.test("a body larger than any message is refused, signed or not", async () => {
  const { app } = intake(never);
  const large = JSON.stringify({
    version: 1,
    taskId: TASK,
    rest: "x".repeat(70_000),
  });
  assert.equal((await app.request(signed(large))).status, 401);
});

Deno.test("a signed sweep sweeps, another does not", async () => {
  const { app, sweeps } = intake(never);
  const url = "http://worker:8080/v1/sweep";
  assert.equal((await app.request(signed("", { url }))).status, 200);
  assert.equal((await app.request(url, { method: "POST" })).status, 401);
  assert.equal(sweeps(), 1);
});

Deno.test("health answers without asking anybody", async () => {
  assert.equal((await intake(never).app.request("/health")).status, 200);
});
