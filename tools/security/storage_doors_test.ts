/**
 * The doors of Storage, over HTTP: every request that its API has, as every persona, on paths of either project; and what signed URLs are good for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { OBJECTS } from "@shared/permissions.ts";
import { testEngines } from "@testing/postgres.ts";
import { askOf } from "../../functions/_shared/testing/apps.ts";
import {
  JWT_SECRET,
  SERVICE_KEY,
} from "../../functions/_shared/testing/platform.ts";
import {
  createWorld,
  type Persona,
  PERSONAS,
  SCOPES,
  type World,
} from "../../functions/_shared/testing/world.ts";
import { createApp } from "../../functions/ingest/app.ts";
import { createDeps } from "../../functions/ingest/deps.ts";
import { startStorage } from "./storage_process.ts";

type Caller = Persona | "anonKey" | "service";
const CALLERS: readonly Caller[] = [...PERSONAS, "anonKey", "service"];
const PEOPLE: readonly Caller[] = ["viewer", "editor", "owner", "stranger"];

/** What became of a request. */
interface Outcome {
  readonly isDone: boolean;
  readonly text: string;
}

/** A request of the API: path, and what it says it has done when it has. */
interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: status 200 or 201. */
  readonly isDone?: (text: string) => boolean;
}

const secret = new TextEncoder().encode(JWT_SECRET);
const tokenOf = (claims: Record<string, unknown>, exp = "1h") =>
  new SignJWT(claims).setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(exp).sign(secret);
const ANON_KEY = await tokenOf({ role: "anon" });

for (const engine of testEngines()) {
  Deno.test(`doors of Storage on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    const storage = await startStorage(world, JWT_SECRET);
    world.platform.storageUrl = storage.url;
    try {
      for (const caller of CALLERS) {
        await t.step(
          `${caller} reads and writes what the table says`,
          () => walk(world, storage.url, caller),
        );
      }
      await signedUploads(t, world, storage.url);
      await signedDownloads(t, world, storage.url);
    } finally {
      await storage.stop();
      await world.stop();
    }
  });
}

function headersOf(world: World, caller: Caller): Record<string, string> {
  const authorization = caller === "service"
    ? `Bearer ${SERVICE_KEY}`
    : caller === "anonKey"
    ? `Bearer ${ANON_KEY}`
    : world.auth[caller];
  return authorization ? { authorization } : {};
}

async function send(
  url: string,
  { method, path, body, headers, isDone = () => true }: Attempt,
  own: Record<string, string>,
): Promise<Outcome> {
  const isJson = typeof body === "object";
  const response = await fetch(url + path, {
    method,
    headers: {
      ...own,
      ...isJson ? { "content-type": "application/json" } : {},
      ...headers,
    },
    ...body === undefined
      ? {}
      : { body: isJson ? JSON.stringify(body) : body as string },
  });
  const text = await response.text();
  return { isDone: response.ok && isDone(text), text };
}

const reads = (path: string): Attempt[] => {
  const [folder, name] = [path.replace(/\/[^/]*$/, ""), path.split("/").at(-1)];
  const isListed = (text: string) => text.includes(`"name":"${name}"`);
  return [
    { method: "GET", path: `/object/runs/${path}` },
    { method: "GET", path: `/object/authenticated/runs/${path}` },
    { method: "HEAD", path: `/object/runs/${path}` },
    { method: "GET", path: `/object/info/runs/${path}` },
    { method: "GET", path: `/object/info/authenticated/runs/${path}` },
    {
      method: "POST",
      path: "/object/list/runs",
      body: { prefix: folder },
      isDone: isListed,
    },
    {
      method: "POST",
      path: "/object/list-v2/runs",
      body: { prefix: folder },
      isDone: (text) => text.includes(path),
    },
    {
      method: "POST",
      path: `/object/sign/runs/${path}`,
      body: { expiresIn: 60 },
    },
    {
      method: "POST",
      path: "/object/sign/runs",
      body: { expiresIn: 60, paths: [path] },
      isDone: (text) => text.includes("token="),
    },
  ];
};

const writes = (path: string, to: string): Attempt[] => {
  const copy = { bucketId: "runs", sourceKey: path, destinationKey: to };
  const facts = Object.entries({ bucketName: "runs", objectName: to })
    .map(([name, value]) => `${name} ${btoa(value)}`).join(",");
  return [
    { method: "POST", path: `/object/runs/${to}`, body: "new" },
    { method: "PUT", path: `/object/runs/${path}`, body: "other" },
    {
      method: "POST",
      path: `/object/runs/${path}`,
      body: "other",
      headers: { "x-upsert": "true" },
    },
    { method: "POST", path: "/object/copy", body: copy },
    { method: "POST", path: "/object/move", body: copy },
    { method: "POST", path: `/object/upload/sign/runs/${to}` },
    {
      method: "POST",
      path: "/upload/resumable",
      headers: {
        "tus-resumable": "1.0.0",
        "upload-length": "3",
        "upload-metadata": facts,
      },
    },
    { method: "DELETE", path: `/object/runs/${path}` },
    {
      method: "DELETE",
      path: "/object/runs",
      body: { prefixes: [path] },
      isDone: (text) => text.includes(path),
    },
    { method: "POST", path: "/bucket", body: { id: to, name: to } },
    { method: "PUT", path: "/bucket/runs", body: { public: true } },
    { method: "POST", path: "/bucket/runs/empty" },
    { method: "DELETE", path: "/bucket/runs" },
  ];
};

/** Each request, on an object of the caller's project and of the other. */
async function walk(world: World, url: string, caller: Caller) {
  const own = headersOf(world, caller);
  const isService = caller === "service";
  for (const project of [world.mine, world.other]) {
    const isOwn = project === world.mine;
    const scopes = !PEOPLE.includes(caller)
      ? []
      : caller === "stranger"
      ? (isOwn ? [] : ["read"])
      : isOwn
      ? SCOPES[caller as Persona]
      : [];
    const path = `${project}/run/parts/${crypto.randomUUID()}`;
    const put = () =>
      send(url, {
        method: "POST",
        path: `/object/runs/${path}`,
        body: "bytes",
        headers: { "x-upsert": "true" },
      }, headersOf(world, "service"));
    await put();
    for (const attempt of reads(path)) {
      const { isDone, text } = await send(url, attempt, own);
      const expected = isService || scopes.includes(OBJECTS.select!);
      const what = `${attempt.method} ${attempt.path}: ${text}`;
      assert.equal(isDone, expected, what);
      if (!expected) assert.ok(!text.includes("bytes"), what);
    }
    for (
      const attempt of writes(path, `${project}/run/${crypto.randomUUID()}`)
    ) {
      if (isService) continue; // tested beside the server; some would empty the bucket
      const before = await contentsOf(world);
      const { isDone, text } = await send(url, attempt, own);
      assert.ok(!isDone, `${attempt.method} ${attempt.path}: ${text}`);
      assert.deepEqual(await contentsOf(world), before, attempt.path);
    }
  }
}

/** Rows of the bucket, with the version of their bytes. */
async function contentsOf({ admin }: World): Promise<string[]> {
  const rows = await admin`
    select o.name, o.version, b.public from storage.objects o join storage.buckets b on b.id = o.bucket_id order by o.name`;
  return rows.map((row) => `${row.name} ${row.version} ${row.public}`);
}

/** What the edge hands to a client for a large part. */
async function signedUploads(t: Deno.TestContext, world: World, url: string) {
  const ask = askOf(world, createApp(createDeps(world.edge)), "/ingest/v1");
  const runId = crypto.randomUUID();
  await ask("ingestKey", "PUT", `/runs/${runId}`, {
    project: world.mine,
    label_names: ["a", "b"],
  });
  const sign = async () => {
    const { json } = await ask(
      "ingestKey",
      "POST",
      `/runs/${runId}/parts/sign?kind=samples&split=training&seq=0`,
      {
        content_type: "application/json",
        size_bytes: 5,
        sha256: "0".repeat(64),
      },
      { "idempotency-key": crypto.randomUUID() },
    );
    return json as { path: string; token: string };
  };
  const put = async (path: string, token: string, body = "bytes") => {
    const outcome = await send(url, {
      method: "PUT",
      path: `/object/upload/sign/runs/${path}?token=${token}`,
      body,
    }, {});
    return outcome.isDone ? "taken" : JSON.parse(outcome.text).code;
  };

  await t.step("a signed upload writes one object, once", async () => {
    const { path, token } = await sign();
    assert.equal(await put(path, token), "taken");
    assert.equal(await put(path, token, "other"), "KeyAlreadyExists");
    const found = await send(url, {
      method: "GET",
      path: `/object/runs/${path}`,
    }, headersOf(world, "viewer"));
    assert.equal(found.text, "bytes");
  });

  await t.step("a signed upload writes nowhere else", async () => {
    const { path, token } = await sign();
    const { path: second } = await sign();
    for (
      const other of [
        second,
        `${path}x`,
        `${path}/x`,
        path.toUpperCase(),
        path.replace(world.mine, world.other),
        path.split("/").slice(0, -1).join("/"),
        `${path}%00`,
        `x/..%2f${path}`,
      ]
    ) {
      assert.match(await put(other, token), /^Invalid(Signature|Key)$/, other);
    }
    const elsewhere = await send(url, {
      method: "PUT",
      path: `/object/upload/sign/other/${path}?token=${token}`,
      body: "x",
    }, {});
    assert.equal(JSON.parse(elsewhere.text).code, "InvalidSignature");
    assert.equal(await put(path, token), "taken");
  });

  await t.step("a signed upload reads nothing, and is no key", async () => {
    const { path, token } = await sign();
    await put(path, token);
    for (
      const attempt of [
        { method: "GET", path: `/object/sign/runs/${path}?token=${token}` },
        { method: "GET", path: `/object/runs/${path}?token=${token}` },
      ]
    ) {
      assert.ok(!(await send(url, attempt, {})).isDone, attempt.path);
    }
    const carried = { authorization: `Bearer ${token}` };
    for (const attempt of [...reads(path), ...writes(path, `${path}-2`)]) {
      assert.ok(!(await send(url, attempt, carried)).isDone, attempt.path);
    }
  });

  await t.step(
    "a signed upload cannot be forged, nor outlive its time",
    async () => {
      const { path, token } = await sign();
      const [header, payload, signature] = token.split(".") as [
        string,
        string,
        string,
      ];
      const claims = JSON.parse(atob(payload));
      const encode = (value: unknown) =>
        btoa(JSON.stringify(value)).replaceAll("=", "");
      const otherSecret = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode("x".repeat(40)));
      const { exp: _, ...endless } = claims;
      for (
        const [name, forged] of Object.entries({
          "its payload changed": `${header}.${
            encode({ ...claims, url: `runs/${path}`, upsert: true, iat: 1 })
          }.${signature}`,
          "without a signature": `${header}.${payload}.`,
          "alg none": `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
          "another secret": otherSecret,
          "expired": await tokenOf({ ...claims, exp: undefined }, "1 sec ago"),
          "endless": await new SignJWT(endless).setProtectedHeader({
            alg: "HS256",
          }).sign(secret),
          "no token": "",
        })
      ) {
        assert.equal(await put(path, forged), "InvalidJWT", name);
      }
      for (const key of [SERVICE_KEY, ANON_KEY, world.auth.owner.slice(7)]) {
        assert.match(await put(path, key), /^Invalid(Signature|JWT)$/);
      }
      const other = await tokenOf({ url: `runs/${path}`, scope: "download" });
      assert.equal(await put(path, other), "InvalidSignature");
      assert.equal(await put(path, token), "taken", "the real one is good");
    },
  );
}

/** What a member hands to whoever shall read one object. */
async function signedDownloads(t: Deno.TestContext, world: World, url: string) {
  await t.step(
    "a signed download reads one object, and nothing else",
    async () => {
      const [path, second] = [
        `${world.mine}/run/one`,
        `${world.mine}/run/two`,
      ];
      for (const name of [path, second]) {
        await send(url, {
          method: "POST",
          path: `/object/runs/${name}`,
          body: "bytes",
          headers: { "x-upsert": "true" },
        }, headersOf(world, "service"));
      }
      const made = await send(url, {
        method: "POST",
        path: `/object/sign/runs/${path}`,
        body: { expiresIn: 60 },
      }, headersOf(world, "viewer"));
      const { signedURL } = JSON.parse(made.text) as { signedURL: string };
      const token = signedURL.split("token=")[1]!;
      const get = (to: string, by = token, method = "GET") =>
        send(url, { method, path: `${to}?token=${by}` }, {});
      assert.equal((await get(`/object/sign/runs/${path}`)).text, "bytes");
      for (
        const to of [
          `/object/sign/runs/${second}`,
          `/object/sign/runs/${path}/x`,
          `/object/sign/runs/${world.mine}/run`,
          `/object/runs/${path}`,
          `/object/authenticated/runs/${path}`,
          `/object/info/runs/${path}`,
        ]
      ) {
        assert.ok(!(await get(to)).isDone, to);
      }
      const up = await send(url, {
        method: "PUT",
        path: `/object/upload/sign/runs/${path}?token=${token}`,
        body: "other",
      }, {});
      assert.equal(JSON.parse(up.text).code, "InvalidSignature");
      const expired = await tokenOf(
        { url: `runs/${path}`, scope: "download" },
        "1 sec ago",
      );
      const late = await get(`/object/sign/runs/${path}`, expired);
      assert.equal(JSON.parse(late.text).code, "InvalidJWT");
      const carried = { authorization: `Bearer ${token}` };
      for (const attempt of [...reads(path), ...writes(path, `${path}-2`)]) {
        assert.ok(!(await send(url, attempt, carried)).isDone, attempt.path);
      }
    },
  );
}
