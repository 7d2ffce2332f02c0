import assert from "node:assert/strict";
import { AppError, type ErrorCode, ERRORS } from "@shared/errors.ts";
import type { RateLimitSettings } from "../auth/rate_limits.ts";
import { fakeStack, PROJECT_ID } from "../testing/fakes.ts";
import { jsonBody } from "./json_body.ts";
import { createStack } from "./stack.ts";

/** The stack of `api` with handlers of the test under routes of the permission table. */
function makeApp(limits?: RateLimitSettings) {
  const deps = fakeStack(limits);
  const app = createStack(deps, {
    slug: "api",
    decidedByBody: ["POST /api/v1/jobs"],
    streamed: /\/columns$/,
  });
  const seen: string[] = [];
  app.get("/me", (c) => {
    const thrown = c.req.query("throw");
    if (thrown === "bug") throw new Error("secret row: hunter2");
    if (thrown) {
      throw new AppError(thrown as ErrorCode, "Said", { details: { n: 1 } });
    }
    return c.json({ kind: c.var.access.caller.kind });
  });
  app.get("/projects/:project_id", (c) => c.text(c.req.param("project_id")));
  app.patch("/projects/:project_id", (c) => {
    seen.push("patched");
    return c.text("ok");
  });
  app.post("/projects", async (c) => {
    return c.json(await jsonBody(c, (value) => ({ value })));
  });
  app.post("/jobs", async (c) => {
    if (c.req.query("forget")) return c.text("forgot");
    await c.var.access.require({ kind: "run", id: PROJECT_ID });
    return c.text("ok");
  });
  app.get(
    "/runs/:run_id/samples/:split/:sample_id",
    (c) => c.text(c.req.param("sample_id")),
  );
  app.get("/nowhere-in-the-table", (c) => c.text("secret"));
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    app.request(`/api/v1${path}`, { method, ...init });
  const as = (who: string) => ({ headers: { authorization: who } });
  return { app, deps, ask, as, seen };
}

Deno.test("every code of the error table reaches the caller with its status, details and request id", async () => {
  const { ask } = makeApp();
  for (const [code, { status, retryable }] of Object.entries(ERRORS)) {
    const response = await ask("GET", `/me?throw=${code}`, {
      headers: { authorization: "viewer", "x-request-id": "mine-1" },
    });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("retry-after"), retryable ? "1" : null);
    assert.equal(response.headers.get("x-request-id"), "mine-1");
    assert.deepEqual(await response.json(), {
      error: { code, message: "Said", details: { n: 1 }, request_id: "mine-1" },
    });
  }
});

Deno.test("a bug becomes a 500 that tells nothing, and a log line that does", async () => {
  const { ask, as, deps } = makeApp();
  const response = await ask("GET", "/me?throw=bug", as("viewer"));
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /hunter2/);
  const line = deps.logged.map((text) => JSON.parse(text)).find((l) =>
    l.level === "error"
  );
  assert.match(line.message, /hunter2/);
  assert.ok(line.request_id && line.stack);
});

Deno.test("an insane X-Request-Id is replaced", async () => {
  const { ask } = makeApp();
  const response = await ask("GET", "/health", {
    headers: { "x-request-id": "a b" },
  });
  assert.match(response.headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
});

Deno.test("a request writes one line, without its query", async () => {
  const { ask, as, deps } = makeApp();
  await ask("GET", "/me?token=hunter2", as("viewer"));
  assert.equal(deps.logged.length, 1);
  const { ms, request_id: _, ...line } = JSON.parse(deps.logged[0]!);
  assert.equal(typeof ms, "number");
  assert.deepEqual(line, {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    event: "request",
    method: "GET",
    path: "/api/v1/me",
    status: 200,
  });
});

Deno.test("a request's line has ids of ours, and nothing else that was put into the path", async () => {
  const { ask, as, deps } = makeApp();
  const shown = async (path: string) => {
    await ask("GET", path, as("viewer"));
    return JSON.parse(deps.logged.at(-1)!).path;
  };
  const sample = `/runs/${PROJECT_ID}/samples/training`;
  assert.equal(
    await shown(`${sample}/jane@example.com`),
    `/api/v1/runs/${PROJECT_ID}/samples/:split/:sample_id`,
  );
  assert.equal(
    await shown("/projects/assay_1234567890_secret"),
    "/api/v1/projects/:project_id",
  );
  assert.equal(await shown("/nothing/hunter2/x"), "/api/…/nothing/…/x");
});

Deno.test("an unknown address answers 404, another method 405 with those that go", async () => {
  const { ask, app } = makeApp();
  const unknown = await ask("GET", "/none");
  assert.equal(unknown.status, 404);
  assert.equal((await unknown.json()).error.code, "not_found");
  assert.equal((await app.request("/elsewhere")).status, 404);
  const wrong = await ask("POST", `/projects/${PROJECT_ID}`);
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "GET, PATCH");
});

Deno.test("access follows the table: 401, 404, 403, and the handler is not reached", async () => {
  const { ask, as, seen } = makeApp();
  const path = `/projects/${PROJECT_ID}`;
  assert.equal((await ask("GET", path)).status, 401);
  assert.equal((await ask("GET", path, as("viewer"))).status, 200);
  assert.equal(
    (await ask("GET", `/projects/${crypto.randomUUID()}`, as("viewer"))).status,
    404,
  );
  assert.equal((await ask("GET", "/projects/7", as("viewer"))).status, 404);
  assert.equal((await ask("PATCH", path, as("viewer"))).status, 403);
  assert.equal((await ask("POST", "/projects", as("key"))).status, 403);
  assert.deepEqual(seen, []);
});

Deno.test("HEAD asks for what GET asks for", async () => {
  const { ask, as } = makeApp();
  assert.equal((await ask("HEAD", `/projects/${PROJECT_ID}`)).status, 401);
  assert.equal(
    (await ask("HEAD", `/projects/${PROJECT_ID}`, as("viewer"))).status,
    200,
  );
});

Deno.test("a route outside the table, and a handler that forgot to ask, answer 500", async () => {
  const { ask, as } = makeApp();
  assert.equal(
    (await ask("GET", "/nowhere-in-the-table", as("viewer"))).status,
    500,
  );
  assert.equal((await ask("POST", "/jobs?forget=1", as("viewer"))).status, 500);
  assert.equal((await ask("POST", "/jobs", as("viewer"))).status, 403);
});

Deno.test("a body that is no JSON answers 400 without repeating it; one past 1 MB answers 413", async () => {
  const { ask } = makeApp();
  const send = (body: BodyInit) =>
    ask("POST", "/projects", { body, headers: { authorization: "viewer" } });
  assert.equal((await send('{"a":1}')).status, 200);
  const bad = await send("{hunter2");
  assert.equal(bad.status, 400);
  assert.doesNotMatch(await bad.text(), /hunter2/);
  assert.equal((await send("")).status, 400);
  const large = await send(JSON.stringify("x".repeat(1_048_576)));
  assert.equal(large.status, 413);
  assert.equal((await large.json()).error.code, "too_large");
  const chunk = new TextEncoder().encode(" ".repeat(65_536));
  let sent = 0;
  const silent = await send(
    new ReadableStream({
      pull: (controller) =>
        sent++ < 20 ? controller.enqueue(chunk) : controller.close(),
    }),
  );
  assert.equal(silent.status, 413);
});

Deno.test("pages of allowed origins may call, others may not", async () => {
  const { ask } = makeApp();
  const preflight = (origin: string) =>
    ask("OPTIONS", "/projects", {
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
  const allowed = await preflight("https://console.test");
  assert.equal(allowed.status, 204);
  assert.equal(
    allowed.headers.get("access-control-allow-origin"),
    "https://console.test",
  );
  assert.match(
    allowed.headers.get("access-control-allow-headers")!,
    /Idempotency-Key/,
  );
  const refused = await preflight("https://evil.test");
  assert.equal(refused.headers.get("access-control-allow-origin"), null);
  const answer = await ask("GET", "/health", {
    headers: { origin: "https://console.test" },
  });
  assert.match(
    answer.headers.get("access-control-expose-headers")!,
    /X-Request-Id/,
  );
  const failed = await ask("GET", "/me", {
    headers: { origin: "https://console.test" },
  });
  assert.equal(
    failed.headers.get("access-control-allow-origin"),
    "https://console.test",
  );
});

Deno.test("GET health reaches nothing; GET ready answers 503 when something is away", async () => {
  const { ask, deps } = makeApp();
  Object.assign(deps, {
    ready: () => Promise.reject(new AppError("upstream_unavailable", "Away")),
  });
  assert.equal((await ask("GET", "/health")).status, 200);
  assert.equal((await ask("GET", "/ready")).status, 503);
});

Deno.test("a caller, a project and an address have limits of their own; 429 says when to come back", async () => {
  const { ask, as } = makeApp({
    perCaller: 5,
    perProject: 2,
    failuresPerAddress: 1,
  });
  const project = `/projects/${PROJECT_ID}`;
  const answers = async (
    asks: number,
    path: string,
    init: RequestInit,
  ): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < asks; i++) {
      statuses.push((await ask("GET", path, init)).status);
    }
    return statuses;
  };
  assert.deepEqual(await answers(2, project, as("key")), [200, 200]);
  const refused = await ask("GET", project, as("viewer"));
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "30");
  const { error } = await refused.json();
  assert.equal(error.code, "rate_limited");
  assert.match(error.message, /of this project now: at most 2 a minute/);

  assert.deepEqual(await answers(5, "/me", as("key")), [
    200,
    200,
    200,
    429,
    429,
  ]);
  const from = (address: string, who = "nobody") => ({
    headers: { authorization: who, "x-forwarded-for": address },
  });
  assert.deepEqual(await answers(3, "/me", from("192.0.2.1")), [401, 429, 429]);
  assert.deepEqual(await answers(1, "/me", from("192.0.2.2")), [401]);
  assert.deepEqual(
    await answers(1, "/me", from("192.0.2.1", "viewer")),
    [200],
    "valid credentials are taken whatever else comes from there",
  );
  assert.deepEqual(await answers(9, "/health", {}), Array(9).fill(200));
});
