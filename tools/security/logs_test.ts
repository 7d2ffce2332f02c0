// deno-lint-ignore-file camelcase -- names of the wire and of the line that main.ts prints
/**
 * A whole session on the platform as people start it, with everything going wrong that writes logs: no secret and nothing of what was logged
 * stands in a log, in an argument of a process, or in a file that others may read.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { isolated } from "../../local/testing/platform.ts";
import { withFolder } from "../../local/testing/folders.ts";
import { startHost, TEST_CA } from "../../gpu-worker/store/testing/https.ts";
import { secretPart, secretsIn, secretsOf } from "./secrets.ts";

/** Stands in what samples hold. */
const PAYLOAD = "zebra hunter2 crossing";

const MAIN = new URL("../../local/main.ts", import.meta.url).pathname;

/** What the line `ready` tells. */
interface Ready {
  readonly url: string;
  readonly api_key: string;
  readonly login_url: string;
  readonly project_id: string;
  readonly processes: readonly { name: string; pid: number }[];
}

/** A platform whose output is kept. */
class Kept {
  readonly process: Deno.ChildProcess;
  stdout = "";
  stderr = "";
  readonly #reading: Promise<unknown>;

  constructor(env: Record<string, string>, args: readonly string[]) {
    this.process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", MAIN, ...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    const read = async (name: "stdout" | "stderr") => {
      const text = this.process[name].pipeThrough(new TextDecoderStream());
      for await (const chunk of text) this[name] += chunk;
    };
    this.#reading = Promise.all([read("stdout"), read("stderr")]);
  }

  /** Waits for a text on standard output. */
  async until(pattern: RegExp): Promise<void> {
    for (let waited = 0; !pattern.test(this.stdout); waited += 20) {
      assert.ok(waited < 90_000, this.stdout + this.stderr);
      await delay(20);
    }
  }

  async stop(): Promise<void> {
    try {
      this.process.kill("SIGTERM");
    } catch { /* it has ended */ }
    await this.process.stdin.close().catch(() => {});
    await this.process.status;
    await this.#reading;
  }
}

Deno.test("no log, argument or open file has a secret, or anything of what was logged", async (t) => {
  await withFolder(async (folder) => {
    const home = join(folder, "home");
    const images = startHost(() =>
      new Response("no image", { headers: { "content-type": "image/png" } })
    );
    const origin = `https://127.0.0.1:${images.port}`;
    const authority = join(folder, "authority.pem");
    await Deno.writeTextFile(authority, TEST_CA);
    const env = {
      ...isolated(home),
      ASSAY_IMAGE_ORIGINS: origin,
      NODE_EXTRA_CA_CERTS: authority,
    };
    const kept = new Kept(env, ["--json"]);
    const secrets = new Map<string, string>();
    try {
      await kept.until(/"event":"ready"/);
      const line = kept.stdout.split("\n").find((l) => l.includes('"ready"'))!;
      const ready: Ready = JSON.parse(line);
      const installation = JSON.parse(
        await Deno.readTextFile(join(home, "installation.json")),
      );
      for (const [k, v] of await secretsOf(installation)) secrets.set(k, v);
      secrets.set(
        "password of the database's owner",
        (await Deno.readTextFile(join(home, "database", "password"))).trim(),
      );
      await session(ready, secrets, origin);
      await t.step("images come from the operator's host", () => {
        const asked = images.asked.map(({ url }) => url);
        assert.deepEqual(asked, [`${origin}/9.png?signature=hunter2`]);
      });
      await t.step(
        "arguments of processes",
        () => checkArguments(ready, secrets),
      );
      await breakThings(kept, ready);
    } finally {
      await kept.stop();
      await images.stop();
    }
    await t.step("logs", async () => {
      const logs = await logsOf(home);
      const names = [...logs.keys()];
      for (const name of ["ingest", "api", "worker", "storage", "queue"]) {
        const log = logs.get(join("logs", `${name}.log`));
        assert.ok(log && log.length > 0, `${name} has logged nothing`);
      }
      assert.ok(names.some((n) => n.startsWith("database")), names.join());
      for (const [name, text] of logs) {
        assert.deepEqual(secretsIn(text, secrets), [], name);
        if (name.startsWith("logs/")) {
          assert.ok(!text.includes("hunter2"), name);
        }
      }
    });
    await t.step("what the supervisor prints", () => {
      assert.deepEqual(secretsIn(kept.stderr, secrets), []);
      for (const text of kept.stdout.split("\n")) {
        const found = secretsIn(text, secrets);
        const told = text.includes('"event":"ready"')
          ? ["loginToken", "secret of the first key"]
          : [];
        assert.deepEqual(found, told, text.slice(0, 40));
      }
    });
    await t.step(
      "files that hold secrets are their owner's alone",
      async () => {
        for await (const path of filesBelow(folder)) {
          const { mode, size } = await Deno.stat(path);
          const isOpen = (mode! & 0o077) !== 0;
          if (!isOpen || size > 1_000_000) continue;
          const text = await Deno.readTextFile(path).catch(() => "");
          assert.deepEqual(secretsIn(text, secrets), [], path);
        }
      },
    );
    await t.step("a person sees the link, and no key", async () => {
      const shown = new Kept(env, []);
      try {
        await shown.until(/the data stays/);
      } finally {
        await shown.stop();
      }
      assert.deepEqual(secretsIn(shown.stdout, secrets), ["loginToken"]);
      assert.deepEqual(secretsIn(shown.stderr, secrets), []);
    });
  });
});

/** Everything a user does, and much of what they do wrong; tokens that it gets are added to `secrets`. */
async function session(
  ready: Ready,
  secrets: Map<string, string>,
  imageOrigin: string,
) {
  const call = async (
    path: string,
    token: string,
    method = "GET",
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(ready.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) },
    });
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch { /* a page, or bytes */ }
    return { status: response.status, json };
  };
  const api = "/functions/v1/api/v1";
  const ingest = "/functions/v1/ingest/v1";

  const link = new URL(ready.login_url).hash.replace("#token=", "");
  const login = await call("/auth/v1/token?grant_type=local", "", "POST", {
    token: link,
  });
  assert.equal(login.status, 200);
  const person = login.json.access_token as string;
  secrets.set("signature of the person's token", secretPart(person));
  await call("/auth/v1/token?grant_type=local", "", "POST", {
    token: `${link}x`,
  });
  await call("/auth/v1/user", person);
  await fetch(ready.login_url).then((r) => r.body?.cancel());

  const made = await call(
    `${api}/projects/${ready.project_id}/keys`,
    person,
    "POST",
    { name: "more", scopes: ["admin"] },
  );
  assert.equal(made.status, 201, JSON.stringify(made.json));
  const { token: key, key_id: keyId } = made.json;
  secrets.set("secret of a made key", secretPart(key));
  assert.equal((await call(`${api}/me`, key)).status, 200);
  await call(`${api}/me`, `${key}x`);
  await call(`${api}/me?apikey=${key}&token=${person}`, "nonsense");
  await call(`${api}/jobs`, key, "POST", `{"secret": "${key}", `);
  await call(`${api}/runs/${key}`, "nonsense");

  const runId = crypto.randomUUID();
  const rows = (n: number, content: (i: number) => object) =>
    Array.from(
      { length: n },
      (_, i) => JSON.stringify({ id: `s${i}`, ...content(i) }),
    ).join("\n");
  const put = await call(`${ingest}/runs/${runId}`, key, "PUT", {
    name: "r",
    label_names: ["a", "b"],
  });
  assert.equal(put.status, 201);
  const part = (query: string, body: string, name: string) =>
    call(
      `${ingest}/runs/${runId}/parts?split=training&${query}`,
      key,
      "POST",
      body,
      {
        "content-type": "application/x-ndjson",
        "idempotency-key": name,
      },
    );
  const samples = rows(40, (i) => ({
    label: i === 7 ? PAYLOAD : i % 2,
    text: `${PAYLOAD} ${i}`,
    image: i === 8
      ? `https://10.0.0.1/x.png?signature=${PAYLOAD}`
      : i === 9
      ? `${imageOrigin}/9.png?signature=hunter2`
      : null,
  }));
  assert.equal((await part("kind=samples&seq=0", samples, "s")).status, 201);
  assert.equal(
    (await part("kind=samples&seq=0", `${samples} `, "s")).status,
    409,
  );
  const said = {
    content_type: "application/x-ndjson",
    size_bytes: samples.length,
    sha256: "0".repeat(64),
  };
  const signed = await call(
    `${ingest}/runs/${runId}/parts/sign?split=training&kind=samples&seq=1`,
    key,
    "POST",
    said,
    { "idempotency-key": "t" },
  );
  assert.equal(signed.status, 201);
  secrets.set("signature of a signed upload", secretPart(signed.json.token));
  for (const url of [signed.json.upload_url, `${signed.json.upload_url}x`]) {
    const answer = await fetch(url, { method: "PUT", body: samples });
    await answer.body?.cancel();
  }
  const complete = await call(
    `${ingest}/runs/${runId}/parts/${signed.json.part_id}/complete?split=training&kind=samples&seq=1`,
    key,
    "POST",
    said,
    { "idempotency-key": "t" },
  );
  assert.equal(complete.status, 201);
  const object = `/storage/v1/object/sign/runs/${signed.json.path}`;
  const download = await call(object, person, "POST", { expiresIn: 60 }, {
    "content-type": "application/json",
  });
  const token = download.json.signedURL.split("token=")[1];
  secrets.set("signature of a signed download", secretPart(token));
  for (const by of [token, `${token}x`, key, person]) {
    await call(`${object}?token=${by}`, "");
  }
  const finished = await call(
    `${ingest}/runs/${runId}/finish`,
    key,
    "POST",
    {},
  );
  assert.equal(finished.status, 202, JSON.stringify(finished.json));
  await ended(call, `${api}/jobs/${finished.json.job_id}`, key);

  const failing = crypto.randomUUID();
  await call(`${ingest}/runs/${failing}`, key, "PUT", {
    name: "f",
    label_names: ["a"],
  });
  await call(
    `${ingest}/runs/${failing}/parts?split=training&kind=samples&seq=0`,
    key,
    "POST",
    JSON.stringify({ id: "x", label: PAYLOAD }),
    { "content-type": "application/x-ndjson", "idempotency-key": "s" },
  );
  const { json } = await call(
    `${ingest}/runs/${failing}/finish`,
    key,
    "POST",
    {},
  );
  const job = await ended(call, `${api}/jobs/${json.job_id}`, key);
  assert.equal(job.state, "failed");
  await call(
    `${api}/projects/${ready.project_id}/keys/${keyId}`,
    person,
    "DELETE",
  );
  assert.equal((await call(`${api}/me`, key)).status, 401);
}

async function ended(
  call: (path: string, token: string) => Promise<{ json: { state: string } }>,
  path: string,
  key: string,
) {
  for (let waited = 0; waited < 60_000; waited += 100) {
    const { json } = await call(path, key);
    if (["succeeded", "failed", "cancelled"].includes(json.state)) return json;
    await delay(100);
  }
  return assert.fail("the job does not end");
}

/** What others on the machine see of a process. */
async function checkArguments(ready: Ready, secrets: Map<string, string>) {
  if (Deno.build.os !== "linux") return;
  for (const { name, pid } of ready.processes) {
    const text = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    assert.notEqual(text, "");
    assert.deepEqual(secretsIn(text, secrets), [], name);
  }
}

/** Kills each process while requests come: whoever misses it writes so. */
async function breakThings(kept: Kept, ready: Ready) {
  for (const { name, pid } of ready.processes) {
    Deno.kill(pid, "SIGKILL");
    for (let i = 0; i < 4; i++) {
      const runId = crypto.randomUUID();
      await fetch(`${ready.url}/functions/v1/ingest/v1/runs/${runId}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${ready.api_key}` },
        body: JSON.stringify({ name: runId, label_names: ["a"] }),
      }).then((r) => r.body?.cancel(), () => {});
    }
    await kept.until(new RegExp(`"restarted","name":"${name}"`));
  }
}

/** Logs of the platform, by their path below its folder. */
async function logsOf(home: string): Promise<Map<string, string>> {
  const logs = new Map<string, string>();
  for await (const path of filesBelow(home)) {
    if (!/\.log(\.\d+)?$|\/log\//.test(path)) continue;
    logs.set(path.slice(home.length + 1), await Deno.readTextFile(path));
  }
  return logs;
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else if (isFile) yield path;
  }
}
