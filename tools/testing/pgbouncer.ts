/**
 * PgBouncer in transaction mode: the local stand-in for Supabase's pooler.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";

const PLACES = [
  "/usr/sbin/pgbouncer",
  "/usr/bin/pgbouncer",
  "/opt/homebrew/bin/pgbouncer",
];
const NOBODY = 65534;

/** Why there is no pooler to test with; null: there is one. */
export function noPgBouncer(): string | null {
  return program() === null
    ? "no PgBouncer here: install the package pgbouncer"
    : null;
}

/** A running pooler. */
export interface Pooler {
  /** The same database through the pooler. */
  through(url: string): string;
  /** Ends it; connections through it break. */
  stop(): Promise<void>;
}

/**
 * Starts a pooler before the server of a URL.
 *
 * @param urls URL of each role that will connect: the pooler knows their passwords.
 * @param poolSize Server connections for each role and database: with few, clients share backends at once.
 */
export async function startPgBouncer(
  urls: readonly string[],
  poolSize = 2,
): Promise<Pooler> {
  const folder = await Deno.makeTempDir({
    dir: "/var/tmp",
    prefix: "assay-pooler-",
  });
  const port = freePort();
  const servers = urls.map((text) => new URL(text));
  const users = servers.map((url) =>
    `"${url.username}" "${decodeURIComponent(url.password)}"\n`
  );
  await Deno.writeTextFile(
    join(folder, "users.txt"),
    [...new Set(users)].join(""),
    { mode: 0o600 },
  );
  await Deno.writeTextFile(
    join(folder, "pgbouncer.ini"),
    `[databases]
* = host=127.0.0.1 port=${servers[0]!.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,search_path
`,
  );
  const isRoot = Deno.uid() === 0;
  if (isRoot) {
    for (const name of ["", "users.txt", "pgbouncer.ini"]) {
      await Deno.chown(join(folder, name), NOBODY, NOBODY);
    }
  }
  const child = new Deno.Command(program()!, {
    args: ["-q", join(folder, "pgbouncer.ini")],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...isRoot ? { uid: NOBODY, gid: NOBODY } : {}, // it refuses to run as root
  }).spawn();
  const log = new Response(child.stderr).text();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const pooler: Pooler = {
    through(text) {
      const url = new URL(text);
      url.port = String(port);
      return url.href;
    },
    async stop() {
      try {
        child.kill("SIGTERM");
      } catch { /* it has ended */ }
      await child.status;
      await log;
      await Deno.remove(folder, { recursive: true });
    },
  };
  while (!await answers(pooler.through(urls[0]!))) {
    if (hasEnded) throw new Error(`Cannot start PgBouncer: ${await log}`);
    await delay(30);
  }
  return pooler;
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, prepare: false, connect_timeout: 2 });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function program(): string | null {
  return PLACES.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }) ?? null;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
