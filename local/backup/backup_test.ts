// deno-lint-ignore-file camelcase -- names of the wire
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { withFolder } from "../testing/folders.ts";
import { isolated, start, stop } from "../testing/platform.ts";

/** What the line `ready` tells. */
interface Ready {
  readonly url: string;
  readonly api_key: string;
}

const N = 40;
const WORDS = ["meeting agenda lunch", "winner free offer"];

/** Runs a command of this folder; its code and what it printed. */
async function command(
  name: "backup" | "restore",
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  const path = new URL(`../${name}.ts`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", path, ...args],
    env,
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function ask(
  { url, api_key }: Ready,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
  // deno-lint-ignore no-explicit-any -- answers of many shapes
): Promise<any> {
  const response = await fetch(`${url}/functions/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api_key}`,
      "content-type": typeof body === "string"
        ? "application/x-ndjson"
        : "application/json",
      ...headers,
    },
    ...body === undefined
      ? {}
      : { body: typeof body === "string" ? body : JSON.stringify(body) },
  });
  const json = await response.json();
  assert.ok(response.status < 300, `${path}: ${JSON.stringify(json)}`);
  return json;
}

const lines = (rows: object[]) => rows.map((r) => JSON.stringify(r)).join("\n");
const samples = lines(Array.from({ length: N }, (_, i) => ({
  id: `s${i}`,
  label: i === 3 ? 1 : i % 2,
  text: `${WORDS[i % 2]} ${"long ".repeat(i === 5 ? 1000 : 1)}${i}`,
})));
const outputs = lines(Array.from({ length: N }, (_, i) => ({
  id: `s${i}`,
  logits: i % 2 === 0 ? [2, -2] : [-2, 2],
  embedding: [i % 2, i / 100],
})));

async function put(server: Ready, runId: string) {
  await ask(server, "PUT", `ingest/v1/runs/${runId}`, {
    name: "backed up",
    label_names: ["ham", "spam"],
  });
}

async function send(server: Ready, runId: string, kind: string, epoch: number) {
  const more = kind === "outputs" ? "&prediction_kind=in_sample" : "";
  await ask(
    server,
    "POST",
    `ingest/v1/runs/${runId}/parts?kind=${kind}&split=training&seq=0&epoch=${epoch}${more}`,
    kind === "samples" ? samples : outputs,
    { "idempotency-key": `${kind}-${epoch}` },
  );
}

async function ended(server: Ready, jobId: string) {
  while (true) {
    const job = await ask(server, "GET", `api/v1/jobs/${jobId}`);
    if (job.finished_at !== null) return assert.equal(job.state, "succeeded");
    await delay(100);
  }
}

async function finish(server: Ready, runId: string) {
  const { job_id } = await ask(
    server,
    "POST",
    `ingest/v1/runs/${runId}/finish`,
    {},
  );
  await ended(server, job_id);
}

/** What people see of a run, without the revision it stands in. */
async function rowsOf(server: Ready, runId: string) {
  const { rows } = await ask(
    server,
    "GET",
    `api/v1/runs/${runId}/samples?limit=500`,
  );
  assert.equal(rows.length, N);
  const text = await ask(
    server,
    "GET",
    `api/v1/runs/${runId}/samples/training/s5`,
  );
  return { rows, text };
}

async function withPlatform(
  env: Record<string, string>,
  body: (server: Ready) => Promise<void>,
) {
  const platform = start(env);
  try {
    await body(await platform.next("ready") as unknown as Ready);
  } finally {
    await stop(platform);
  }
}

Deno.test("a backup of a running installation, restored elsewhere, has the same rows, and scores to the same rows", async () => {
  await withFolder(async (folder) => {
    const env = isolated(join(folder, "first"));
    const copyEnv = isolated(join(folder, "copy"));
    const file = join(folder, "backups", "a.tar.gz");
    const [scored, open] = [crypto.randomUUID(), crypto.randomUUID()];
    await withPlatform(env, async (server) => {
      await put(server, scored);
      await send(server, scored, "samples", 0);
      await send(server, scored, "outputs", 0);
      await finish(server, scored);
      const before = await rowsOf(server, scored);
      await put(server, open);
      await send(server, open, "samples", 0);
      await send(server, open, "outputs", 0);

      const writing = new AbortController();
      const others = (async () => { // a run of somebody else, all the while
        const busy = crypto.randomUUID();
        await put(server, busy);
        for (let epoch = 0; !writing.signal.aborted; epoch++) {
          await send(server, busy, "outputs", epoch);
        }
      })();
      const made = await command("backup", [file], env);
      writing.abort();
      await others;
      assert.equal(made.code, 0, made.text);
      assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
      const size = (await Deno.stat(file)).size;
      const again = await command("backup", [file], env);
      assert.equal(again.code, 1);
      assert.match(again.text, /Cannot back up as ".*" exists/);
      assert.equal((await Deno.stat(file)).size, size);

      const restored = await command("restore", [file], copyEnv);
      assert.equal(restored.code, 0, restored.text);
      for (const name of ["installation.json", "ports.json"]) {
        const { mode } = await Deno.stat(join(folder, "copy", name));
        assert.equal(mode! & 0o777, 0o600, name);
      }
      const twice = await command("restore", [file], copyEnv);
      assert.equal(twice.code, 1);
      assert.match(twice.text, /is not empty, and nothing is ever overwritten/);

      await withPlatform(copyEnv, async (copy) => {
        assert.notEqual(copy.url, server.url);
        assert.equal(copy.api_key, server.api_key);
        assert.deepEqual(await rowsOf(copy, scored), before);
        const { job_id } = await ask(copy, "POST", "api/v1/jobs", {
          job_kind: "score_run",
          run_id: scored,
        });
        await ended(copy, job_id);
        assert.deepEqual(await rowsOf(copy, scored), before);
        await finish(copy, open); // what was acknowledged before the backup
        const { rows } = await rowsOf(copy, open);
        assert.deepEqual(
          rows.map((r: { sample_id: string }) => r.sample_id),
          before.rows.map((r: { sample_id: string }) => r.sample_id),
        );
      });
      const run = await ask(server, "GET", `api/v1/runs/${open}`);
      assert.equal(run.state, "open", "the first one knows nothing of it");
    });

    const stopped = join(folder, "backups", "b.tar.gz");
    const made = await command("backup", [stopped], copyEnv);
    assert.equal(made.code, 0, made.text);
    assert.match(made.text, /its database is started for the while/);
    const third = isolated(join(folder, "third"));
    assert.equal((await command("restore", [stopped], third)).code, 0);
    await withPlatform(third, async (server) => {
      await rowsOf(server, scored);
      await rowsOf(server, open);
    });
    await refusals(folder, stopped);
  });
});

async function refusals(folder: string, backup: string) {
  const home = join(folder, "refused");
  const env = isolated(home);
  const refused = async (
    name: "backup" | "restore",
    file: string,
    rule: RegExp,
  ) => {
    const { code, text } = await command(name, [file], env);
    assert.equal(code, 1, text);
    assert.match(text, rule);
  };
  const left = async () => {
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(home)) names.push(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return names.filter((name) => name !== "lock");
  };
  const bytes = await Deno.readFile(backup);
  const damaged = join(folder, "damaged");
  for (const end of [0.3, 0.8, 0.999]) {
    await Deno.writeFile(damaged, bytes.subarray(0, bytes.length * end));
    await refused("restore", damaged, /is damaged or was cut off/);
    assert.deepEqual(await left(), []);
  }
  const flipped = bytes.slice();
  flipped[flipped.length >> 1]! ^= 0xff;
  await Deno.writeFile(damaged, flipped);
  await refused("restore", damaged, /is damaged or was cut off/);
  assert.deepEqual(await left(), []);
  await Deno.writeTextFile(damaged, "no backup");
  await refused("restore", damaged, /is no backup of Assay/);
  await refused("restore", join(folder, "nowhere"), /there is no such file/);
  await refused("backup", join(folder, "new"), /there is no installation in/);

  await Deno.mkdir(home, { recursive: true });
  await Deno.writeTextFile(join(home, "restoring"), "");
  await refused("restore", backup, /was broken off: remove that folder/);
  const platform = start(env);
  try {
    const { message } = await platform.next("failed");
    assert.match(String(message), /a restore into it was broken off/);
  } finally {
    await stop(platform);
  }
}
