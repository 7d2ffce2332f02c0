import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { join } from "node:path";
import { withFolder } from "../testing/folders.ts";
import { createGateway } from "./app.ts";

const TOKEN = "token-of-the-printed-link";
const USER = "11111111-1111-4111-8111-111111111111";

/** A gateway on a socket, before a function that echoes what reached it and a storage that is down. */
async function withGateway(
  body: (
    world: { url: string; port: number; consoleDir: string },
  ) => Promise<void>,
  { hasStorage = false } = {},
): Promise<void> {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const echo = Deno.serve(options, async (request) => {
    const url = new URL(request.url);
    if (url.pathname === "/api/v1/range") {
      return new Response("234", {
        status: 206,
        headers: { "content-range": "bytes 2-4/10", "x-mine": "1" },
      });
    }
    if (url.pathname === "/api/v1/moved") {
      return new Response(null, {
        status: 302,
        headers: { location: "https://elsewhere.example/" },
      });
    }
    const hash = new Uint8Array(
      await crypto.subtle.digest("SHA-256", await request.arrayBuffer()),
    );
    return Response.json({
      method: request.method,
      path: url.pathname + url.search,
      headers: Object.fromEntries(request.headers),
      sha256: hash.toHex(),
    });
  });
  const storage = Deno.serve(
    options,
    () =>
      new Response("<script>steal()</script>", {
        headers: {
          "content-type": "image/svg+xml",
          "content-security-policy": "default-src *",
        },
      }),
  );
  const signingJwk = {
    ...await exportJWK(
      (await generateKeyPair("ES256", { extractable: true })).privateKey,
    ),
    alg: "ES256",
    kid: "key-1",
  };
  await withFolder(async (consoleDir) => {
    // The gateway must know its own port before it is built.
    const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = probe.addr as Deno.NetAddr;
    probe.close();
    const url = `http://127.0.0.1:${port}`;
    const app = createGateway({
      url,
      functions: { api: `http://127.0.0.1:${echo.addr.port}` },
      storage: `http://127.0.0.1:${hasStorage ? storage.addr.port : 1}`, // nothing listens on 1
      consoleDir,
      loginToken: TOKEN,
      userId: USER,
      email: "me@example.com",
      signingJwk,
    });
    const gateway = Deno.serve({ ...options, port }, app.fetch);
    try {
      await body({ url, port, consoleDir });
    } finally {
      await Promise.all([gateway, echo, storage].map((s) => s.shutdown()));
    }
  });
}

/** A request whose Host header and method are what the test says: fetch does not let one choose them. */
async function statusFor(
  port: number,
  host: string,
  request = "GET /health",
): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    `${request} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ));
  const text = await new Response(connection.readable).text();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)![1]);
}

async function login(url: string, token: string): Promise<Response> {
  return await fetch(`${url}/auth/v1/token?grant_type=local`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
}

Deno.test("a request by another name is refused, whatever it resolves to (DNS rebinding)", async () => {
  await withGateway(async ({ port }) => {
    for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
      assert.equal(await statusFor(port, `${name}:${port}`), 200, name);
    }
    const foreign = [
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      "evil.example",
      "127.0.0.1:1",
      "localhost",
    ];
    for (const host of foreign) {
      assert.equal(await statusFor(port, host), 403, host);
    }
  });
});

Deno.test("a method that no server here knows is 405, not one that is down", async () => {
  await withGateway(async ({ port }) => {
    for (const method of ["TRACE", "PROPFIND", "X"]) {
      const request = `${method} /functions/v1/api/v1/health`;
      assert.equal(await statusFor(port, `127.0.0.1:${port}`, request), 405);
    }
  });
});

Deno.test("a page of another origin is refused, with the sentence that says why", async () => {
  await withGateway(async ({ url, port }) => {
    const status = async (origin: string) => {
      const response = await fetch(`${url}/functions/v1/api/v1/x`, {
        method: "POST",
        headers: { origin },
        body: "{}",
      });
      const body = await response.json();
      return [response.status, body.error?.code ?? "ok"];
    };
    assert.deepEqual(await status(`http://localhost:${port}`), [200, "ok"]);
    for (
      const origin of [
        "https://evil.example",
        `https://127.0.0.1:${port}`,
        "http://localhost:1",
        "null",
      ]
    ) {
      assert.deepEqual(await status(origin), [403, "forbidden"], origin);
    }
  });
});

Deno.test("a gateway on port 80 answers to names without a port", async () => {
  const app = createGateway({
    url: "http://127.0.0.1:80",
    functions: {},
    storage: "",
    consoleDir: "",
    loginToken: TOKEN,
    userId: USER,
    email: "me@example.com",
    signingJwk: {},
  });
  assert.equal((await app.request("http://localhost/health")).status, 200);
  assert.equal((await app.request("http://localhost:81/health")).status, 403);
});

Deno.test("a request reaches its function unchanged, without the prefix", async () => {
  await withGateway(async ({ url }) => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const response = await fetch(
      `${url}/functions/v1/api/v1/runs/a%2Fb?x=1&y=%20`,
      {
        method: "POST",
        headers: {
          authorization: "Bearer key",
          "idempotency-key": "k",
          "x-forwarded-for": "made up",
        },
        body: bytes,
      },
    );
    const seen = await response.json();
    assert.equal(seen.method, "POST");
    assert.equal(seen.path, "/api/v1/runs/a%2Fb?x=1&y=%20");
    assert.equal(seen.headers.authorization, "Bearer key");
    assert.equal(seen.headers["idempotency-key"], "k");
    assert.equal(seen.headers["x-forwarded-for"], "127.0.0.1");
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    assert.equal(seen.sha256, new Uint8Array(hash).toHex());
  });
});

Deno.test("status, range and redirect come back as the function gave them", async () => {
  await withGateway(async ({ url }) => {
    const range = await fetch(`${url}/functions/v1/api/v1/range`);
    assert.equal(range.status, 206);
    assert.equal(range.headers.get("content-range"), "bytes 2-4/10");
    assert.equal(range.headers.get("x-mine"), "1");
    assert.equal(await range.text(), "234");
    const moved = await fetch(`${url}/functions/v1/api/v1/moved`, {
      redirect: "manual",
    });
    assert.equal(moved.status, 302);
    assert.equal(moved.headers.get("location"), "https://elsewhere.example/");
    await moved.body?.cancel();
  });
});

Deno.test("a part that is down is 503 with Retry-After, an unknown function 404", async () => {
  await withGateway(async ({ url }) => {
    const down = await fetch(`${url}/storage/v1/object/runs/x`, {
      headers: { "x-request-id": "mine" },
    });
    assert.equal(down.status, 503);
    assert.equal(down.headers.get("retry-after"), "1");
    const { error } = await down.json();
    assert.equal(error.code, "upstream_unavailable");
    assert.equal(error.request_id, "mine");
    for (const slug of ["other", "constructor", "__proto__"]) {
      const unknown = await fetch(`${url}/functions/v1/${slug}/x`);
      assert.equal(unknown.status, 404, slug);
      assert.equal((await unknown.json()).error.code, "not_found");
    }
    const nowhere = await fetch(`${url}/rest/v1/x`, { method: "POST" });
    assert.equal(nowhere.status, 404);
    await nowhere.body?.cancel();
  });
});

Deno.test("the printed link's token signs in, and supabase-js believes what it gets", async () => {
  await withGateway(async ({ url }) => {
    const response = await login(url, TOKEN);
    assert.equal(response.status, 200);
    const { access_token: token, expires_in: seconds } = await response.json();
    assert.equal(seconds, 3600);
    const supabase = createClient(url, "anon-key", {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { data, error } = await supabase.auth.getClaims(token);
    assert.equal(error, null);
    assert.equal(data!.claims.sub, USER);
    assert.equal(data!.claims.role, "authenticated");
    assert.equal(data!.claims.iss, `${url}/auth/v1`);
    assert.equal(data!.header.alg, "ES256");
    const { data: { user } } = await supabase.auth.getUser(token);
    assert.equal(user!.email, "me@example.com");
  });
});

Deno.test("supabase-js refuses a token that this server did not sign, or that was changed", async () => {
  await withGateway(async ({ url }) => {
    const supabase = createClient(url, "anon-key", {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const { privateKey } = await generateKeyPair("ES256");
    const forged = await new SignJWT({ role: "authenticated" })
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: "key-1" })
      .setSubject(USER).setIssuedAt().setExpirationTime("1h").sign(privateKey);
    const { access_token: token } = await (await login(url, TOKEN)).json();
    const [header, payload, signature] = token.split(".");
    const claims = JSON.parse(atob(payload));
    const changed = btoa(JSON.stringify({ ...claims, role: "service_role" }))
      .replaceAll("=", "");
    for (const bad of [forged, `${header}.${changed}.${signature}`]) {
      const { data, error } = await supabase.auth.getClaims(bad);
      assert.equal(data, null);
      assert.ok(error);
      assert.ok((await supabase.auth.getUser(bad)).error);
    }
  });
});

Deno.test("no other token signs in, and the private key is nowhere to be had", async () => {
  await withGateway(async ({ url }) => {
    for (const wrong of ["", "wrong", TOKEN + "x", TOKEN.slice(1)]) {
      const response = await login(url, wrong);
      assert.equal(response.status, 401, wrong);
      assert.equal((await response.json()).error, "invalid_grant");
    }
    const other = await fetch(`${url}/auth/v1/token?grant_type=password`, {
      method: "POST",
      body: "{}",
    });
    assert.equal(other.status, 400);
    await other.body?.cancel();
    const keys = await (await fetch(`${url}/auth/v1/.well-known/jwks.json`))
      .json();
    assert.deepEqual(Object.keys(keys.keys[0]).sort(), [
      "alg",
      "crv",
      "kid",
      "kty",
      "use",
      "x",
      "y",
    ]);
  });
});

Deno.test("the console is served with its policy; pages are the console, files are not", async () => {
  await withGateway(async ({ url, consoleDir }) => {
    const early = await fetch(`${url}/`);
    assert.equal(early.status, 503);
    assert.match(await early.text(), /being built/);
    await Deno.writeTextFile(join(consoleDir, "index.html"), "<p>console</p>");
    await Deno.writeTextFile(join(consoleDir, "main-A1B2C3D4.js"), "1");
    const page = await fetch(`${url}/runs/some-run`);
    assert.equal(await page.text(), "<p>console</p>");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("cache-control"), "no-cache");
    const policy = page.headers.get("content-security-policy")!;
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    const script = await fetch(`${url}/main-A1B2C3D4.js`);
    assert.equal(await script.text(), "1");
    assert.match(script.headers.get("cache-control")!, /immutable/);
    const missing = await fetch(`${url}/main-00000000.js`);
    assert.equal(missing.status, 404);
    await missing.body?.cancel();
  });
});

Deno.test("no path leaves the console's folder", async () => {
  await withGateway(async ({ port, consoleDir }) => {
    await Deno.writeTextFile(join(consoleDir, "index.html"), "console");
    await Deno.writeTextFile(`${consoleDir}.secret.json`, "secret");
    try {
      const name = consoleDir.split("/").at(-1);
      for (
        const path of [
          `/../${name}.secret.json`,
          `/..%2f${name}.secret.json`,
          `/%2e%2e/${name}.secret.json`,
          "/../../etc/passwd",
        ]
      ) {
        using connection = await Deno.connect({ hostname: "127.0.0.1", port });
        await connection.write(new TextEncoder().encode(
          `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
        ));
        const text = await new Response(connection.readable).text();
        assert.doesNotMatch(text, /secret|root:/, path);
      }
    } finally {
      await Deno.remove(`${consoleDir}.secret.json`);
    }
  });
});

Deno.test("what was uploaded runs nothing on the console's origin", async () => {
  await withGateway(async ({ url }) => {
    const file = await fetch(`${url}/storage/v1/object/sign/runs/x?token=t`);
    assert.match(await file.text(), /script/);
    assert.equal(
      file.headers.get("content-security-policy"),
      "sandbox; default-src 'none'",
    );
    assert.equal(file.headers.get("x-content-type-options"), "nosniff");
  }, { hasStorage: true });
});
