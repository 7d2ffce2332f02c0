/**
 * What the edge reaches outside its database, in one process of the test: Storage in memory, the keys that sign people's tokens, and a queue
 * that only notes what it was given. The unmodified clients talk to it over HTTP.
 *
 * @module
 */
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";

/** A message the queue was given. */
export interface Published {
  readonly destination: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The platform of one test. */
export interface TestPlatform {
  /** Base URL, for `SUPABASE_URL`; the queue is at `/qstash` below it. */
  readonly url: string;
  /** Objects by path within the bucket. */
  readonly objects: Map<string, Uint8Array>;
  readonly published: Published[];
  /** Set to let another server answer what is below `/storage/v1`. */
  storageUrl: string | null;
  /** Set to make a service answer 503. */
  readonly down: { storage: boolean; queue: boolean; auth: boolean };
  /** Called with each chunk of an upload before it is kept; awaited. */
  onChunk: (bytes: number) => Promise<void> | void;
  /** A person's token, as Supabase Auth signs it. */
  tokenOf(userId: string, claims?: Record<string, unknown>): Promise<string>;
  /** The same token signed by somebody else's key of the same name. */
  forgedTokenOf(userId: string): Promise<string>;
  stop(): Promise<void>;
}

/** Signs the service key, in tests only. */
export const JWT_SECRET = "test-only-secret-of-thirty-two-bytes";

/** Secret key that the platform asks of programs. */
export const SERVICE_KEY = await new SignJWT({ role: "service_role" })
  .setProtectedHeader({ alg: "HS256" })
  .setExpirationTime("1h")
  .sign(new TextEncoder().encode(JWT_SECRET));

/** Starts the platform. */
export async function startPlatform(): Promise<TestPlatform> {
  const [ours, theirs] = await Promise.all([
    generateKeyPair("ES256"),
    generateKeyPair("ES256"),
  ]);
  const kid = crypto.randomUUID(); // auth-js keeps keys by name for the whole process
  const jwks = {
    keys: [{
      ...await exportJWK(ours.publicKey),
      kid,
      alg: "ES256",
      use: "sig",
    }],
  };
  const sign = (
    key: CryptoKey,
    userId: string,
    claims: Record<string, unknown>,
  ) =>
    new SignJWT({ role: "authenticated", aud: "authenticated", ...claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime(claims.exp as number ?? "1h")
      .sign(key);

  const objects = new Map<string, Uint8Array>();
  const published: Published[] = [];
  const down = { storage: false, queue: false, auth: false };
  const ended = new AbortController();
  const server = Deno.serve({
    signal: ended.signal,
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }), // a sender that broke off
  }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/auth/v1/.well-known/jwks.json") {
      return down.auth ? gone() : Response.json(jwks);
    }
    if (pathname.startsWith("/qstash/v2/publish/")) {
      const body = await request.json();
      if (down.queue) return gone();
      published.push({
        destination: request.url.split("/v2/publish/")[1]!,
        headers: request.headers,
        body,
      });
      return Response.json({ messageId: crypto.randomUUID() });
    }
    if (pathname.startsWith("/storage/v1/")) {
      if (down.storage) {
        await request.body?.cancel();
        return gone();
      }
      if (platform.storageUrl !== null) {
        return await fetch(
          platform.storageUrl + request.url.split("/storage/v1")[1],
          {
            method: request.method,
            headers: request.headers,
            ...(request.body === null ? {} : { body: request.body }),
          },
        );
      }
      return await storage(platform, request);
    }
    return new Response("no such service", { status: 404 });
  });

  const platform: TestPlatform = {
    url: `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`,
    objects,
    published,
    storageUrl: null,
    down,
    onChunk: () => {},
    tokenOf: (userId, claims = {}) => sign(ours.privateKey, userId, claims),
    forgedTokenOf: (userId) => sign(theirs.privateKey, userId, {}),
    stop() {
      ended.abort(); // shutdown() would wait for an upload that was broken off: Deno 2.1 does not always end it
      return server.finished;
    },
  };
  return platform;
}

function gone(): Response {
  return Response.json({ message: "down" }, { status: 503 });
}

/** Signed uploads, and what is known of an object; null: the request is about something else. */
async function signedStorage(
  { objects, url }: TestPlatform,
  request: Request,
): Promise<Response | null> {
  const { pathname, searchParams } = new URL(request.url);
  const [, what, encoded] =
    /\/object\/(upload\/sign|info)\/runs\/(.*)$/.exec(pathname) ?? [];
  if (encoded === undefined) return null;
  const isOurs =
    request.headers.get("authorization") === `Bearer ${SERVICE_KEY}`;
  const path = decodeURIComponent(encoded);
  const secret = new TextEncoder().encode(JWT_SECRET);
  if (what === "info" && isOurs) {
    const bytes = objects.get(path);
    return bytes
      ? Response.json({ id: "x", name: path, size: bytes.length })
      : Response.json({ statusCode: "404", message: "Object not found" }, {
        status: 400,
      });
  }
  if (request.method === "POST" && isOurs) {
    await request.body?.cancel();
    const token = await new SignJWT({ url: path }).setExpirationTime("2h")
      .setProtectedHeader({ alg: "HS256" }).sign(secret);
    const at = `${url}/storage/v1`.length;
    return Response.json({
      url: `${request.url.slice(at)}?token=${token}`,
      token,
    });
  }
  const { payload } = await jwtVerify(searchParams.get("token") ?? "", secret);
  if (request.method !== "PUT" || payload.url !== path) return gone();
  objects.set(path, new Uint8Array(await request.arrayBuffer()));
  return Response.json({ Key: `runs/${path}` });
}

async function storage(
  platform: TestPlatform,
  request: Request,
): Promise<Response> {
  const signed = await signedStorage(platform, request);
  if (signed) return signed;
  if (request.headers.get("authorization") !== `Bearer ${SERVICE_KEY}`) {
    return Response.json({ statusCode: "403", message: "no" }, { status: 400 });
  }
  const { objects } = platform;
  const { pathname } = new URL(request.url);
  const path = decodeURIComponent(
    /\/object\/(?:authenticated\/)?runs\/(.*)$/.exec(pathname)?.[1] ?? "",
  );
  if (pathname.endsWith("/bucket/runs")) {
    return Response.json({ id: "runs", name: "runs", public: false });
  }
  if (request.method === "POST") {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request.body!) {
      await platform.onChunk(chunk.byteLength);
      chunks.push(chunk);
    }
    objects.set(
      path,
      new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()),
    );
    return Response.json({ Key: `runs/${path}`, Id: crypto.randomUUID() });
  }
  if (request.method === "DELETE") {
    const { prefixes } = await request.json() as { prefixes: string[] };
    return Response.json(
      prefixes.filter((name) => objects.delete(name)).map((name) => ({ name })),
    );
  }
  const bytes = objects.get(path);
  if (!bytes) {
    return Response.json({ statusCode: "404", message: "Object not found" }, {
      status: 400,
    });
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  if (!range) return new Response(bytes as BodyInit);
  return new Response(
    bytes.slice(Number(range[1]), Number(range[2]) + 1) as BodyInit,
    { status: 206 },
  );
}
