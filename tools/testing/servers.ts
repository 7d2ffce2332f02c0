// deno-lint-ignore-file camelcase -- settings of PostgreSQL
import { join } from "node:path";
import postgres from "postgres";
import { startServer } from "./database.ts";

const FOLDER = new URL("../../.assay-test/", import.meta.url).pathname;
const NOTE = join(FOLDER, "servers.json");

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

/** Stops the servers that single tests left running. */
export async function stopServers(): Promise<void> {
  for (const major of ["17", "15"]) {
    const note = join(FOLDER, major, "location");
    const folder = await Deno.readTextFile(note).then((t) => t.trim()).catch(
      () => join(FOLDER, major),
    );
    try {
      const text = await Deno.readTextFile(join(folder, "data/postmaster.pid"));
      Deno.kill(Number(text.split("\n")[0]), "SIGINT");
    } catch { /* none is running */ }
  }
  await Deno.remove(NOTE).catch(() => {});
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
  const own = Deno.env.get("ASSAY_TEST_POSTGRES_URL");
  const [embedded, other] = await Promise.all([
    startEngine(17),
    own ?? startEngine(15),
  ]);
  return { "embedded 17": embedded, "postgres 15": other };
}

async function startEngine(major: 15 | 17): Promise<string> {
  const server = await startServer({
    dir: join(FOLDER, String(major)),
    port: freePort(),
    major,
    settings: FAST,
  });
  return server.url;
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
