import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import type { Delivery } from "../runner/run_task.ts";
import { createIntake } from "./app.ts";

const TASK = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";
const URL_TASKS = "http://worker:8080/v1/tasks";

/** How a delivery differs from one of the queue. */
interface Difference {
  readonly key?: string;
  readonly url?: string;
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

/** A delivery signed as the queue signs it. */
function signed(
  body: string,
  { key = "sig_current", url = URL_TASKS, header, claims }: Difference = {},
): Request {
  const now = nowSeconds();
  const said = {
    iss: "Upstash",
    sub: url,
    iat: now,
    nbf: now,
    exp: now + 300,
    jti: "j",
    body: createHash("sha256").update(body).digest("base64url"),
    ...claims,
  };
  const text = `${encode({ alg: "HS256", typ: "JWT", ...header })}.${
    encode(said)
  }`;
  const signature = createHmac("sha256", key).update(text).digest("base64url");
  return new Request(url, {
    method: "POST",
    body,
    headers: { "upstash-signature": `${text}.${signature}` },
  });
}

function intake(
  run: (taskId: string) => Promise<Delivery> | null,
  keys = { current: "sig_current", next: "sig_next" },
) {
  const relayed: (readonly string[])[] = [];
  let sweeps = 0;
  const app = createIntake({
    keys,
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

const REFUSED: Readonly<Record<string, () => Request>> = {
  "signed with another key": () => signed(message, { key: "sig_other" }),
  "signed with no key": () => signed(message, { key: "" }),
  "without a signature": () =>
    new Request(URL_TASKS, { method: "POST", body: message }),
  "with an empty signature": () =>
    new Request(URL_TASKS, {
      method: "POST",
      body: message,
      headers: { "upstash-signature": "" },
    }),
  "with another body": () =>
    new Request(URL_TASKS, {
      method: "POST",
      body: message.replace(TASK, crypto.randomUUID()),
      headers: signed(message).headers,
    }),
  "with one space more": () =>
    new Request(URL_TASKS, {
      method: "POST",
      body: `${message} `,
      headers: signed(message).headers,
    }),
  "signed for no body": () => signed(message, { claims: { body: "" } }),
  "signed for another host": () =>
    new Request(URL_TASKS, {
      method: "POST",
      body: message,
      headers: signed(message, { url: "http://other:8080/v1/tasks" }).headers,
    }),
  "signed for another path": () =>
    new Request(URL_TASKS, {
      method: "POST",
      body: message,
      headers: signed(message, { url: "http://worker:8080/v1/sweep" }).headers,
    }),
  "signed for no URL": () => signed(message, { claims: { sub: "" } }),
  "expired": () => signed(message, { claims: { exp: nowSeconds() - 30 } }),
  "not yet valid": () =>
    signed(message, { claims: { nbf: nowSeconds() + 30 } }),
  "of another issuer": () => signed(message, { claims: { iss: "Other" } }),
  "of the algorithm none": () => signed(message, { header: { alg: "none" } }),
  "of another algorithm": () => signed(message, { header: { alg: "RS256" } }),
  "of the algorithm none, unsigned": () => {
    const { headers } = signed(message, { header: { alg: "none" } });
    const [header, claims] = headers.get("upstash-signature")!.split(".");
    return new Request(URL_TASKS, {
      method: "POST",
      body: message,
      headers: { "upstash-signature": `${header}.${claims}.` },
    });
  },
};

for (const [how, request] of Object.entries(REFUSED)) {
  Deno.test(`a delivery ${how} is refused`, async () => {
    const response = await intake(never).app.request(request());
    assert.equal(response.status, 401);
    assert.equal((await response.json()).error.code, "unauthenticated");
  });
}

Deno.test("a clock that is some seconds off does no harm", async () => {
  const { app } = intake(() => Promise.resolve({ outcome: "closed" }));
  for (
    const claims of [{ exp: nowSeconds() - 2 }, { nbf: nowSeconds() + 2 }]
  ) {
    assert.equal((await app.request(signed(message, { claims }))).status, 200);
  }
});

Deno.test("keys are rotated without a delivery being refused, and the old one ends", async () => {
  const statusOf = async (
    key: string,
    keys: { current: string; next: string },
  ) => {
    const { app } = intake(
      () => Promise.resolve({ outcome: "closed" }),
      keys,
    );
    return (await app.request(signed(message, { key }))).status;
  };
  const before = { current: "sig_1", next: "sig_2" };
  const after = { current: "sig_2", next: "sig_3" };
  assert.equal(await statusOf("sig_1", before), 200);
  assert.equal(await statusOf("sig_2", before), 200, "the queue rotates first");
  assert.equal(await statusOf("sig_2", after), 200, "then the worker");
  assert.equal(await statusOf("sig_3", after), 200, "and again");
  assert.equal(await statusOf("sig_1", after), 401);
});

Deno.test("both keys are good", async () => {
  const { app } = intake(() => Promise.resolve({ outcome: "closed" }));
  for (const key of ["sig_current", "sig_next"]) {
    assert.equal((await app.request(signed(message, { key }))).status, 200);
  }
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
  const ofTasks = new Request(url, {
    method: "POST",
    headers: signed("").headers,
  });
  assert.equal((await app.request(ofTasks)).status, 401);
  assert.equal(sweeps(), 1);
});

Deno.test("health answers without asking anybody", async () => {
  assert.equal((await intake(never).app.request("/health")).status, 200);
});
