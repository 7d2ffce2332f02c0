import assert from "node:assert/strict";
import { createSession, rememberLink, takeToken } from "./session.ts";

function setup(answers: Response[]) {
  const map = new Map<string, string>();
  const storage = {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
  const asked: unknown[] = [];
  const world = { now: 0, asked, storage };
  const session = createSession({
    storage,
    now: () => world.now,
    fetch: (_url, init) => {
      asked.push(JSON.parse(String(init?.body)));
      return Promise.resolve(answers.shift()!);
    },
  });
  return { session, world, ...world };
}

const minted = (token: string) =>
  Response.json({ access_token: token, expires_in: 600 });

Deno.test("takeToken() takes the token and leaves the rest of the hash", () => {
  assert.deepEqual(takeToken("#token=abc"), { token: "abc", rest: "" });
  assert.deepEqual(takeToken("#a=1&token=abc"), { token: "abc", rest: "#a=1" });
  assert.deepEqual(takeToken(""), { token: null, rest: "" });
});

Deno.test("accessToken() is null without a link", async () => {
  assert.equal(await setup([]).session.accessToken(), null);
});

Deno.test("accessToken() mints once for callers at the same time, and again before expiry", async () => {
  const { session, world, asked, storage } = setup([
    minted("one"),
    minted("two"),
  ]);
  rememberLink(storage, "link");
  assert.deepEqual(
    await Promise.all([session.accessToken(), session.accessToken()]),
    ["one", "one"],
  );
  world.now = 560_000;
  assert.equal(await session.accessToken(), "one");
  world.now = 575_000;
  assert.equal(await session.accessToken(), "two");
  assert.deepEqual(asked, [{ token: "link" }, { token: "link" }]);
});

Deno.test("renew() forgets the rejected token only", async () => {
  const { session, storage } = setup([minted("one"), minted("two")]);
  rememberLink(storage, "link");
  await session.accessToken();
  session.renew("older");
  assert.equal(await session.accessToken(), "one");
  session.renew("one");
  assert.equal(await session.accessToken(), "two");
});

Deno.test("a link the server does not know counts as signed out, a server in trouble does not", async () => {
  const { session, storage } = setup([
    Response.json({}, { status: 400 }),
    Response.json({}, { status: 503 }),
  ]);
  rememberLink(storage, "link");
  await assert.rejects(session.accessToken(), { status: 401 });
  await assert.rejects(session.accessToken(), { status: 503 });
});
