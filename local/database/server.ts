import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import { nativePostgres, type PostgresMajor } from "./native.ts";
import { stopOrphans } from "./orphan.ts";
import { databaseFolder, isRoot, NOBODY, programsFolder } from "./place.ts";

/** A running PostgreSQL of our own. */
export interface DatabaseServer {
  /** URL of the superuser `postgres`, database `postgres`. */
  readonly url: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Settles when the server has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Stops it: connections are cut, the data is safe. */
  stop(): Promise<void>;
}

/** What {@linkcode startServer} needs to know. */
export interface ServerOptions {
  /** Folder for the data, the password and the lock. */
  readonly dir: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Major version; default 17, Supabase's. */
  readonly major?: PostgresMajor;
  /** Server settings, such as `{ fsync: "off" }` for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts PostgreSQL in a folder, after stopping one that a killed supervisor left there.
 *
 * @throws {Error} With a sentence that says what to do: folder in use, port taken, disk full, no user to run as.
 */
export async function startServer(
  options: ServerOptions,
): Promise<DatabaseServer> {
  const { dir, port, major = 17 } = options;
  const folder = await databaseFolder(dir);
  const lock = await lockFolder(folder);
  try {
    const programs = await nativePostgres(major, programsFolder());
    await stopOrphans(folder);
    refuseTakenPort(port);
    const isDurable = options.settings?.fsync !== "off";
    const password = await initialise(programs, folder, isDurable);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    const child = run(join(programs, "bin", "postgres"), [
      "-D",
      join(folder, "data"),
      ...Object.entries({
        listen_addresses: "127.0.0.1",
        port: String(port),
        unix_socket_directories: "",
        logging_collector: "on",
        log_filename: "postgres-%a.log",
        log_truncate_on_rotation: "on",
        max_connections: "60",
        ...options.settings,
      }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ]);
    const lastWords = endOf(child.stderr, child.status);
    const ended = Promise.all([child.status, lastWords]).then(() =>
      lock.close()
    );
    await untilReady(url, folder, child.status, lastWords);
    return {
      url,
      port,
      pid: child.pid,
      ended,
      async stop() {
        try {
          child.kill("SIGINT");
        } catch { /* it has ended already */ }
        await ended;
      },
    };
  } catch (error) {
    try {
      lock.close();
    } catch { /* closed with the child */ }
    throw error;
  }
}

async function lockFolder(folder: string): Promise<Deno.FsFile> {
  const lock = await Deno.open(join(folder, "lock"), {
    create: true,
    write: true,
  });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  throw new Error(
    `Cannot start database as its folder is in use by another Assay: "${folder}". Stop that one, or choose another folder with ASSAY_HOME`,
  );
}

function refuseTakenPort(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `Cannot start database as port ${port} is taken: stop what listens there, or set ASSAY_DATABASE_PORT to another`,
    );
  }
}

/** Makes the cluster on first use; returns the superuser's password. */
async function initialise(
  programs: string,
  folder: string,
  isDurable: boolean,
): Promise<string> {
  const passwordFile = join(folder, "password");
  const data = join(folder, "data");
  try {
    await Deno.stat(join(data, "PG_VERSION"));
    return (await Deno.readTextFile(passwordFile)).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const password = Array.from(bytes, (b) => b.toString(16).padStart(2, "0"))
    .join("");
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  const making = join(folder, `making-${password.slice(0, 8)}`);
  await Deno.mkdir(making, { mode: 0o700 });
  if (isRoot()) {
    await Deno.chown(passwordFile, NOBODY, NOBODY);
    await Deno.chown(making, NOBODY, NOBODY);
  }
  const hasBuiltinLocale = programs.includes("postgres-17");
  const { success, stderr } = await command(join(programs, "bin", "initdb"), [
    "-D",
    making,
    "-U",
    "postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    ...hasBuiltinLocale
      ? ["--locale-provider=builtin", "--locale=C.UTF-8", "--lc-collate=C"]
      : ["--locale=C"],
    ...isDurable ? [] : ["--no-sync"],
  ]).output();
  if (!success) {
    const text = new TextDecoder().decode(stderr);
    await Deno.remove(making, { recursive: true }).catch(() => {});
    throw new Error(reasonOf(text, folder));
  }
  await Deno.rename(making, data); // a cluster that is half made is never taken for a whole one
  return password;
}

function reasonOf(log: string, folder: string): string {
  if (/No space left/.test(log)) {
    return `Cannot start database as the disk of "${folder}" is full: free some space and start again`;
  }
  if (/could not look up effective user ID|Operation not permitted/.test(log)) {
    return "Cannot start database as PostgreSQL needs a user it can run as: start Assay as an ordinary user, or set DATABASE_URL to a server of your own";
  }
  return `Cannot start database: ${log.trim().split("\n").slice(-3).join(" ")}`;
}

function command(program: string, args: string[]): Deno.Command {
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    ...isRoot() ? { uid: NOBODY, gid: NOBODY, cwd: "/" } : {},
  });
}

function run(program: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "piped", // what it says before its log is open
    detached: true, // Ctrl-C reaches the supervisor first, which stops the server last
    ...isRoot() ? { uid: NOBODY, gid: NOBODY, cwd: "/" } : {},
  }).spawn();
}

async function untilReady(
  url: string,
  folder: string,
  status: Promise<Deno.CommandStatus>,
  lastWords: Promise<string>,
): Promise<void> {
  let hasEnded = false;
  status.then(() => hasEnded = true);
  for (let waited = 0; waited < 60_000; waited += 40) {
    if (hasEnded) {
      const words = await lastWords;
      const log = words.includes("FATAL") ? words : await lastLog(folder);
      throw new Error(reasonOf(log, folder));
    }
    const sql = postgres(url, {
      max: 1,
      connect_timeout: 2,
      prepare: false,
      onnotice: () => {},
    });
    try {
      await sql`select 1`;
      return;
    } catch {
      await delay(40);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  throw new Error(
    `Cannot start database as it was not ready within a minute: see the log in "${folder}/data/log"`,
  );
}

/** The end of what was said until the process ended; its children may hold the stream longer. */
async function endOf(
  stream: ReadableStream<Uint8Array>,
  status: Promise<unknown>,
): Promise<string> {
  const reader = stream.getReader();
  status.then(() => delay(100)).then(() => reader.cancel());
  const decoder = new TextDecoder();
  let text = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return text.trim();
    text = (text + decoder.decode(value, { stream: true })).slice(-4000);
  }
}

async function lastLog(folder: string): Promise<string> {
  const logs = join(folder, "data", "log");
  try {
    const names = [...Deno.readDirSync(logs)].map((e) => e.name);
    const stats = names.map((name) => ({
      name,
      at: Deno.statSync(join(logs, name)).mtime?.getTime() ?? 0,
    }));
    const { name } = stats.sort((a, b) => b.at - a.at)[0]!;
    return (await Deno.readTextFile(join(logs, name))).split("\n").slice(-6)
      .join("\n");
  } catch {
    return "it ended before it wrote a log";
  }
}
