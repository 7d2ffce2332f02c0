// deno-lint-ignore-file camelcase -- settings of PostgreSQL
import { join } from "node:path";
import postgres from "postgres";
import {
  databaseFolder,
  type DatabaseServer,
  startServer,
  stopOrphans,
} from "./database.ts";

const FOLDER = new URL("../../.assay-test/", import.meta.url).pathname;
const NOTE = join(FOLDER, "servers.json");

/** Where the servers of whole test runs live. */
const RUNS = Deno.build.os === "windows"
  ? Deno.env.get("TEMP") ?? "."
  : "/var/tmp";
const RUN_PREFIX = "assay-test-";

/** Settings of a server whose data nobody will miss. */
const FAST = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
};

let servers: Promise<Record<string, string>> | undefined;

/** Superuser URL of each engine by name, from the environment, from servers left running, or from servers started now. */
export function ensureServers(): Promise<Record<string, string>> {
  servers ??= find();
  return servers;
}

/** Stops the servers that single tests left running, and removes their data. */
export async function removeServers(): Promise<void> {
  await stopServersIn(FOLDER);
  for (const major of ["17", "15"]) {
    const place = await databaseFolder(join(FOLDER, major));
    await Deno.remove(place, { recursive: true }); // as root it may be one of /var/tmp
  }
  await Deno.remove(FOLDER, { recursive: true });
}

async function stopServersIn(root: string): Promise<void> {
  for (const major of ["17", "15"]) {
    await stopOrphans(await databaseFolder(join(root, major)));
  }
}

async function find(): Promise<Record<string, string>> {
  const given = Deno.env.get("ASSAY_TEST_ENGINES");
  if (given) return JSON.parse(given);
  await Deno.mkdir(FOLDER, { recursive: true });
  const lock = await Deno.open(join(FOLDER, "starting"), {
    create: true,
    write: true,
  });
  await lock.lock(true);
  try {
    const noted = await readNote();
    if (await areAlive(noted)) return noted;
    const started = await startAll();
    await Deno.writeTextFile(NOTE, JSON.stringify(started), { mode: 0o600 });
    return started;
  } finally {
    lock.close();
  }
}

async function startAll(): Promise<Record<string, string>> {
  return urlsOf(await startEngines(FOLDER));
}

/** Servers of one test run, nobody else's. */
export async function startTestServers(): Promise<
  { urls: Record<string, string>; stop(): Promise<void> }
> {
  await sweepRuns();
  const folder = await Deno.makeTempDir({ dir: RUNS, prefix: RUN_PREFIX });
  await Deno.chmod(folder, 0o755); // as root, the servers run as another user
  const engines = await startEngines(folder);
  return {
    urls: urlsOf(engines),
    async stop() {
      await Promise.all(engines.map((engine) => engine.server?.stop()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Stops and removes what killed test runs left: a run that lives holds the lock of its servers. */
async function sweepRuns(): Promise<void> {
  for await (const { name } of Deno.readDir(RUNS)) {
    if (!name.startsWith(RUN_PREFIX)) continue;
    const folder = join(RUNS, name);
    try {
      const lock = await Deno.open(join(folder, "17", "lock"), { write: true });
      try {
        if (!await lock.tryLock(true)) continue;
        await stopServersIn(folder);
        await Deno.remove(folder, { recursive: true });
      } finally {
        lock.close();
      }
    } catch { /* it is being made, or another run sweeps it */ }
  }
}

/** An engine by its name; without a server it is somebody else's. */
interface RunningEngine {
  readonly name: string;
  readonly url: string;
  readonly server?: DatabaseServer;
}

function startEngines(folder: string): Promise<RunningEngine[]> {
  const start = async (name: string, major: 15 | 17) => {
    const dir = join(folder, String(major));
    const port = freePort();
    const server = await startServer({ dir, port, major, settings: FAST });
    return { name, url: server.url, server };
  };
  const own = Deno.env.get("ASSAY_TEST_POSTGRES_URL");
  return Promise.all([
    start("embedded 17", 17),
    own ? { name: "postgres 15", url: own } : start("postgres 15", 15),
  ]);
}

function urlsOf(engines: readonly RunningEngine[]): Record<string, string> {
  return Object.fromEntries(engines.map(({ name, url }) => [name, url]));
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function readNote(): Promise<Record<string, string>> {
  try {
    return JSON.parse(await Deno.readTextFile(NOTE));
  } catch {
    return {};
  }
}

async function areAlive(noted: Record<string, string>): Promise<boolean> {
  if (Object.keys(noted).length < 2) return false;
  for (const url of Object.values(noted)) {
    const sql = postgres(url, { max: 1, connect_timeout: 2, prepare: false });
    try {
      await sql`select 1`;
    } catch {
      return false;
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return true;
}
