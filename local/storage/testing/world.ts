/**
 * A Storage server as a process of its own, on a database of the test's own, behind what stands for the gateway.
 *
 * @module
 */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { createTestDatabase } from "@testing/postgres.ts";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres, { type Sql } from "postgres";

/** Signs keys and URLs of a test's installation. */
export const SECRET = "a-secret-of-at-least-thirty-two-characters";

/** A server process on a real database, with clients of each kind. */
export interface StorageWorld {
  readonly admin: Sql;
  readonly service: SupabaseClient;
  readonly anon: SupabaseClient;
  readonly member: SupabaseClient;
  readonly stranger: SupabaseClient;
  /** Of the server itself. */
  readonly url: string;
  /** Of Storage as clients reach it. */
  readonly publicUrl: string;
  /** Tokens of the clients. */
  readonly keys: {
    readonly service: string;
    readonly anon: string;
    readonly member: string;
    readonly stranger: string;
  };
  readonly folder: string;
  readonly projectId: string;
  /** Kills the server and starts it again. */
  restart(): Promise<void>;
}

/** A key of a role, good for `seconds`. */
export function keyOf(role: string, seconds = 3600): Promise<string> {
  return new SignJWT({ role }).setProtectedHeader({ alg: "HS256" })
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(SECRET));
}

/** Runs a test with a server; `env` is more of its environment. */
export async function withStorage(
  body: (world: StorageWorld) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const database = await createTestDatabase();
  const folder = await Deno.makeTempDir();
  const admin = postgres(database.url(), { max: 2, onnotice: () => {} });
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...await exportJWK(publicKey), alg: "ES256", kid: "k" };
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  // The gateway's part: the client asks below /storage/v1.
  const gateway = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { pathname, search } = new URL(request.url);
      return fetch(`${url}${pathname.replace("/storage/v1", "")}${search}`, {
        method: request.method,
        headers: request.headers,
        body: request.body,
      });
    },
  );
  const publicUrl = `http://127.0.0.1:${gateway.addr.port}/storage/v1`;
  const start = async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-net",
        "--allow-env",
        "--allow-read",
        "--allow-sys",
        `--allow-write=${folder}`, // as the supervisor starts it
        new URL("../main.ts", import.meta.url).pathname,
      ],
      env: {
        DATABASE_URL: database.url("supabase_storage_admin"),
        STORAGE_DIR: folder,
        PORT: String(port),
        JWT_SECRET: SECRET,
        JWKS: JSON.stringify({ keys: [jwk] }),
        STORAGE_PUBLIC_URL: publicUrl,
        ...env,
      },
      stderr: "null",
    }).spawn();
    while (true) {
      const answer = await fetch(`${url}/health`).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok) return child;
      await new Promise((r) => setTimeout(r, 50));
    }
  };
  const client = (key: string) =>
    createClient(`http://127.0.0.1:${gateway.addr.port}`, key, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
  const projectId = crypto.randomUUID();
  await admin`insert into assay.projects (id, name) values (${projectId}, 'p')`;
  const person = async (isMember: boolean) => {
    const id = crypto.randomUUID();
    await admin`insert into auth.users (id) values (${id})`;
    if (isMember) {
      await admin`insert into assay.members (project_id, user_id, role) values (${projectId}, ${id}, 'viewer')`;
    }
    return await new SignJWT({ role: "authenticated" }).setSubject(id)
      .setProtectedHeader({ alg: "ES256", kid: "k" }).setExpirationTime("1h")
      .sign(privateKey);
  };
  const keys = {
    service: await keyOf("service_role"),
    anon: await keyOf("anon"),
    member: await person(true),
    stranger: await person(false),
  };
  let child = await start();
  try {
    await body({
      admin,
      url,
      folder,
      projectId,
      publicUrl,
      keys,
      service: client(keys.service),
      anon: client(keys.anon),
      member: client(keys.member),
      stranger: client(keys.stranger),
      async restart() {
        child.kill("SIGKILL");
        await child.status;
        child = await start();
      },
    });
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await gateway.shutdown();
    await admin.end();
    await database.drop();
    await Deno.remove(folder, { recursive: true });
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
