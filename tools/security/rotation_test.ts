// deno-lint-ignore-file camelcase -- names of the line that main.ts prints
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Installation } from "../../local/installation.ts";
import { serviceKey } from "../../local/installation.ts";
import { isolated, start, stop } from "../../local/testing/platform.ts";
import { withFolder } from "../../local/testing/folders.ts";
import { secretsOf } from "./secrets.ts";

/** What the line `ready` tells. */
interface Ready {
  readonly url: string;
  readonly api_key: string;
  readonly login_url: string;
  readonly project_id: string;
}

async function withPlatform(
  env: Record<string, string>,
  body: (ready: Ready) => Promise<void>,
): Promise<void> {
  const platform = start(env);
  try {
    await body(await platform.next("ready") as unknown as Ready);
  } finally {
    await stop(platform);
  }
}

async function login({ url }: Ready, link: string): Promise<Response> {
  return await fetch(`${url}/auth/v1/token?grant_type=local`, {
    method: "POST",
    body: JSON.stringify({ token: new URL(link).hash.replace("#token=", "") }),
  });
}

/** Status of a request, by whoever has the token. */
async function statusOf(
  { url }: Ready,
  path: string,
  token: string,
  method = "GET",
  body?: string,
): Promise<number> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...body === undefined ? {} : { body },
  });
  await response.body?.cancel();
  return response.status;
}

Deno.test("an installation without its secrets file starts with new ones over the same data; the old ones open nothing", async () => {
  await withFolder(async (folder) => {
    const home = join(folder, "home");
    const env = isolated(home);
    const path = join(home, "installation.json");
    const api = "/functions/v1/api/v1";
    const runId = crypto.randomUUID();
    const run = `${api}/runs/${runId}`;
    let before: Ready;
    let oldPerson: string;
    await withPlatform(env, async (ready) => {
      before = ready;
      const made = await statusOf(
        ready,
        `/functions/v1/ingest/v1/runs/${runId}`,
        ready.api_key,
        "PUT",
        JSON.stringify({ name: "r", label_names: ["a"] }),
      );
      assert.equal(made, 201);
      oldPerson = (await (await login(ready, ready.login_url)).json())
        .access_token;
      assert.equal(await statusOf(ready, run, oldPerson), 200);
    });
    const old: Installation = JSON.parse(await Deno.readTextFile(path));
    await Deno.remove(path);

    await withPlatform(env, async (ready) => {
      const now: Installation = JSON.parse(await Deno.readTextFile(path));
      const oldSecrets = await secretsOf(old);
      for (const [name, secret] of await secretsOf(now)) {
        assert.notEqual(secret, oldSecrets.get(name), name);
      }
      assert.equal(ready.project_id, before.project_id);
      assert.equal(await statusOf(ready, run, ready.api_key), 200);
      const signedIn = await login(ready, ready.login_url);
      const person = (await signedIn.json()).access_token;
      assert.equal(await statusOf(ready, run, person), 200);

      const refused = await login(ready, before.login_url);
      assert.equal(refused.status, 401);
      await refused.body?.cancel();
      assert.equal(await statusOf(ready, run, oldPerson), 401);
      const bucket = "/storage/v1/bucket/runs";
      assert.equal(await statusOf(ready, bucket, await serviceKey(old)), 400);
      assert.equal(await statusOf(ready, bucket, await serviceKey(now)), 200);

      // Keys are rows of the database: the first one is revoked like any other.
      assert.equal(await statusOf(ready, run, before.api_key), 200);
      const keys = `${api}/projects/${ready.project_id}/keys`;
      const listed = await fetch(ready.url + keys, {
        headers: { authorization: `Bearer ${person}` },
      });
      const { rows } = await listed.json() as {
        rows: { key_id: string; prefix: string }[];
      };
      const [, prefix] = before.api_key.split("_");
      const { key_id: keyId } = rows.find((row) => row.prefix === prefix)!;
      assert.equal(
        await statusOf(ready, `${keys}/${keyId}`, person, "DELETE"),
        204,
      );
      assert.equal(await statusOf(ready, run, before.api_key), 401);
    });
  });
});
