import assert from "node:assert/strict";
import { join } from "node:path";
import { findServer } from "./server.ts";
import { startFakeServer } from "./testing/fake_server.ts";

/** Runs `body` with these variables and nothing else that names a server. */
async function withEnv(env: Record<string, string>, body: () => Promise<void>) {
  const names = ["ASSAY_URL", "ASSAY_API_KEY", "XDG_STATE_HOME"];
  const before = names.map((name) => Deno.env.get(name));
  for (const name of names) Deno.env.delete(name);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    await body();
  } finally {
    names.forEach((name, i) =>
      before[i] === undefined
        ? Deno.env.delete(name)
        : Deno.env.set(name, before[i]!)
    );
  }
}

Deno.test("findServer() takes what it is given, then the environment", async () => {
  await withEnv(
    { ASSAY_URL: "http://there:1/", ASSAY_API_KEY: "k" },
    async () => {
      assert.deepEqual(await findServer({}), {
        url: "http://there:1",
        apiKey: "k",
      });
      assert.deepEqual(
        await findServer({ url: "http://here:2", apiKey: "j" }),
        { url: "http://here:2", apiKey: "j" },
      );
      await assert.rejects(findServer({ url: "there:1" }), {
        name: "RangeError",
        message: /must begin with http.*current value is "there:1"/,
      });
    },
  );
});

Deno.test("findServer() finds the server that answers on this machine, and says what to do without one", async () => {
  await using server = startFakeServer();
  const state = await Deno.makeTempDir();
  await withEnv({ XDG_STATE_HOME: state }, async () => {
    await assert.rejects(findServer({}), {
      message: /start one on this machine, or set ASSAY_URL and ASSAY_API_KEY/,
    });
    await Deno.mkdir(join(state, "assay"));
    await Deno.writeTextFile(
      join(state, "assay", "servers.json"),
      JSON.stringify([{ url: "http://127.0.0.1:1", api_key: "dead" }, {
        url: server.url,
        api_key: "k",
      }]),
    );
    assert.deepEqual(await findServer({}), { url: server.url, apiKey: "k" });
    assert.deepEqual(await findServer({ url: server.url }), {
      url: server.url,
      apiKey: "k",
    });
    await assert.rejects(findServer({ url: "http://there:1" }), {
      message: /no API key is known: set ASSAY_API_KEY/,
    });
  });
  await Deno.remove(state, { recursive: true });
});
