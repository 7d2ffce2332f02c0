import assert from "node:assert/strict";
import { createClient } from "./client.ts";

function setup(answers: (Response | Error)[], tokens = ["one", "two"]) {
  const asked: { url: string; token: string | null }[] = [];
  const waits: number[] = [];
  let signedOut = 0;
  const client = createClient({
    fetch: (url, init) => {
      asked.push({
        url: String(url),
        token: new Headers(init?.headers).get("authorization"),
      });
      const next = answers.shift()!;
      return next instanceof Error
        ? Promise.reject(next)
        : Promise.resolve(next);
    },
    session: {
      hasLink: true,
      accessToken: () => Promise.resolve(tokens[0] ?? null),
      renew: () => void tokens.shift(),
    },
    wait: (ms) => Promise.resolve(void waits.push(ms)),
    onSignedOut: () => signedOut++,
  });
  return { client, asked, waits, signedOut: () => signedOut };
}

const problem = (status: number, headers: HeadersInit = {}) =>
  Response.json({ error: { code: "x", message: "No", request_id: "r" } }, {
    status,
    headers,
  });

Deno.test("a read is repeated while the server is away, as it asked", async () => {
  const { client, asked, waits } = setup([
    new TypeError("network"),
    problem(503, { "retry-after": "2" }),
    Response.json({ run_id: "r" }),
  ]);
  assert.equal((await client.run("r")).run_id, "r");
  assert.equal(asked.length, 3);
  assert.equal(waits[1], 2_000);
});

Deno.test("a write is sent once", async () => {
  const { client, asked } = setup([problem(503)]);
  await assert.rejects(client.putVerdicts("r", []), { status: 503 });
  assert.equal(asked.length, 1);
});

Deno.test("a 401 is answered by one new token", async () => {
  const { client, asked, signedOut } = setup([problem(401), Response.json({})]);
  await client.run("r");
  assert.deepEqual(asked.map((a) => a.token), ["Bearer one", "Bearer two"]);
  assert.equal(signedOut(), 0);
});

Deno.test("a second 401 means signed out", async () => {
  const { client, signedOut } = setup([problem(401), problem(401)]);
  await assert.rejects(client.run("r"), { status: 401, requestId: "r" });
  assert.equal(signedOut(), 1);
});

Deno.test("nothing is asked without a link", async () => {
  const { client, asked, signedOut } = setup([], []);
  await assert.rejects(client.me(), { status: 401 });
  assert.deepEqual([asked.length, signedOut()], [0, 1]);
});

Deno.test("ids and filters are encoded", async () => {
  const { client, asked } = setup([Response.json({}), Response.json({})]);
  await client.sample("r", "training", "a/b?c#d");
  await client.samples("r", { q: "50 % & more", label: "" });
  assert.match(asked[0]!.url, /\/samples\/training\/a%2Fb%3Fc%23d$/);
  assert.match(asked[1]!.url, /\/samples\?q=50\+%25\+%26\+more$/);
});
