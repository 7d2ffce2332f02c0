/**
 * Starts a whole platform on this machine: database, storage, queue, functions, worker, gateway, each a process of its own.
 *
 * @module
 */
import { basename, join } from "node:path";
import { migrate, setRolePasswords } from "../database/migrate.ts";
import { isRoot } from "../database/place.ts";
import { type DatabaseServer, startServer } from "../database/server.ts";
import {
  type Installation,
  loadInstallation,
  saveInstallation,
} from "../installation.ts";
import { homeFolder } from "../home.ts";
import { createFirstProject, projectExists } from "../projects.ts";
import {
  announceServer,
  type PlatformState,
  readState,
  removeState,
  withdrawServer,
  writeState,
} from "../state.ts";
import { Child } from "./child.ts";
import { buildConsole } from "./console.ts";
import { askedPort, freePort, givenPort } from "./ports.ts";
import { childSpecs, LOCAL_USER } from "./specs.ts";

/** A stop waits no longer for the migrations of a start. */
const PREPARE_LIMIT_MS = 3_000;

/** What can be chosen; the rest has defaults. */
export interface PlatformOptions {
  /** Folder of the installation; default `ASSAY_HOME`, else `.assay`. */
  readonly home?: string;
  /** Port of the gateway; default `ASSAY_PORT`, else 54321 if it is free, else a free one. 0: a free one. */
  readonly port?: number;
  /** A PostgreSQL of the user's, as its superuser; default `DATABASE_URL`, else our own. */
  readonly databaseUrl?: string;
  /** More environment for every process, such as `ASSAY_FAULT_MODULE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told what is being started, and what was started again. */
  readonly onEvent?: (event: "starting" | "restarted", name: string) => void;
  /** Deaths of a process in half a minute after which the platform gives up; default 5. */
  readonly mostDeaths?: number;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal;
  /** Whether SDKs of this user should find it; default true. */
  readonly isAnnounced?: boolean;
}

/** A running platform. */
export interface Platform extends PlatformState {
  /** Folder of the installation. */
  readonly home: string;
  /** Settles with a sentence if it cannot go on. */
  readonly failed: Promise<string>;
  /** Signals a process, or the database. */
  kill(name: string, signal: Deno.Signal): void;
  /** Id of a process as it is now. */
  pidOf(name: string): number;
  /** Stops everything, within five seconds. */
  stop(): Promise<void>;
}

/** Another platform runs in the folder. */
export class AlreadyRunning extends Error {
  /** Where it listens. */
  readonly state: PlatformState | null;

  constructor(home: string, state: PlatformState | null) {
    super(
      `Cannot start as the folder "${home}" is in use by another Assay${
        state ? ` (process ${state.pid}) at ${state.url}` : ""
      }: use that one, stop it, or choose another folder with ASSAY_HOME`,
    );
    this.state = state;
  }
}

/**
 * Starts a platform and returns when every process is ready.
 *
 * @throws {AlreadyRunning} If one runs in the folder.
 * @throws {Error} With a sentence that says what to do.
 */
export async function startPlatform(
  options: PlatformOptions = {},
): Promise<Platform> {
  const home = options.home ?? homeFolder();
  const say = options.onEvent ?? (() => {});
  const logs = join(home, "logs");
  await makeFolders(home, logs);
  const lock = await Deno.open(join(home, "lock"), {
    create: true,
    write: true,
  });
  if (!await lock.tryLock(true)) {
    lock.close();
    throw new AlreadyRunning(home, await readState(home));
  }
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error("Stopped while starting"));
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => {});
  const unlessStopped = <T>(step: Promise<T>) => Promise.race([step, stopped]);
  if (await isHalfRestored(home)) {
    lock.close();
    throw new Error(
      `Cannot start in the folder "${home}" as a restore into it was broken off: remove it, and restore again`,
    );
  }
  const running: { stop(): Promise<void> }[] = [];
  let server: DatabaseServer | null = null;
  let preparing: Promise<void> = Promise.resolve();
  const building = new AbortController();
  let console: Promise<void> | null = null;
  const stopAll = async () => {
    building.abort();
    await console?.catch(() => {});
    await removeState(home);
    if (options.isAnnounced !== false) await withdrawServer(home);
    await Promise.all(running.map((r) => r.stop()));
    // The client throws where nobody can catch when its server goes in the midst of a migration.
    await settledWithin(PREPARE_LIMIT_MS, preparing);
    await server?.stop();
    lock.close();
  };
  try {
    const asked = options.port ?? askedPort("ASSAY_PORT");
    console = buildConsole(home, building.signal);
    console.catch(() => {}); // awaited below
    say("starting", "database");
    const ownUrl = options.databaseUrl || Deno.env.get("DATABASE_URL");
    const database = ownUrl ? null : new OwnDatabase(home);
    if (database) server = await database.start();
    const adminUrl = ownUrl || server!.url;
    let installation = await loadInstallation(home);
    options.signal?.throwIfAborted();
    preparing = prepareDatabase(adminUrl, installation);
    await unlessStopped(preparing);
    if (
      !installation.first ||
      !await projectExists(adminUrl, installation.first.projectId)
    ) {
      const first = await createFirstProject(adminUrl, {
        name: "default",
        owner: LOCAL_USER,
        scopes: ["ingest", "read", "write", "admin"],
        keyName: `local, ${basename(home)}`,
      });
      installation = { ...installation, first };
      await saveInstallation(home, installation);
    }
    const specs = await childSpecs({
      home,
      installation,
      port: asked || freePort(asked ?? 54321), // late: others may be starting
      databaseUrl(role) {
        const url = new URL(adminUrl);
        [url.username, url.password] = [role, installation.passwords[role]];
        return url.href;
      },
      extraEnv: options.env ?? {},
    });
    const children = specs.map((spec) =>
      new Child(
        spec,
        logs,
        (name) => say("restarted", name),
        options.mostDeaths,
      )
    );
    for (const child of children) {
      say("starting", child.name);
      child.start();
      running.push(child);
    }
    await unlessStopped(
      Promise.all([...children.map((child) => child.ready()), console]),
    );
    const url = specs.at(-1)!.env.PUBLIC_URL!;
    const state = (): PlatformState => ({
      pid: Deno.pid,
      url,
      loginUrl: `${url}/#token=${installation.loginToken}`,
      databaseUrl: adminUrl,
      apiKey: installation.first!.apiKey,
      projectId: installation.first!.projectId,
      processes: [
        ...server ? [{ name: "database", pid: server.pid }] : [],
        ...children.map(({ name, pid }) => ({ name, pid })),
      ],
    });
    await writeState(home, state());
    if (options.isAnnounced !== false) {
      await announceServer({
        url,
        api_key: installation.first!.apiKey,
        project: "default",
        home,
        pid: Deno.pid,
        started_at: new Date().toISOString(),
      });
    }
    let stopping: Promise<void> | null = null;
    const revival = database?.keepAlive(() => stopping !== null, (revived) => {
      server = revived;
      say("restarted", "database");
    });
    const failed = Promise.race([
      ...children.map((child) => child.gaveUp),
      ...revival ? [revival] : [],
    ]);
    return {
      ...state(),
      home,
      failed,
      pidOf: (name) =>
        name === "database"
          ? server?.pid ?? 0
          : children.find((child) => child.name === name)?.pid ?? 0,
      kill(name, signal) {
        if (name === "database" && server) Deno.kill(server.pid, signal);
        else children.find((child) => child.name === name)?.kill(signal);
      },
      stop: () => stopping ??= stopAll(),
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function settledWithin(ms: number, work: Promise<void>): Promise<void> {
  let timer;
  await Promise.race([
    work.catch(() => {}),
    new Promise<void>((resolve) => timer = setTimeout(resolve, ms)),
  ]);
  clearTimeout(timer);
}

async function prepareDatabase(
  adminUrl: string,
  { passwords }: Installation,
): Promise<void> {
  try {
    await migrate(adminUrl);
    await setRolePasswords(adminUrl, passwords);
  } catch (error) {
    const { code } = error as { code?: string };
    if (!/^(ECONNREFUSED|ENOTFOUND|CONNECT_TIMEOUT)$/.test(code ?? "")) {
      throw error;
    }
    throw new Error(
      `Cannot start as the database at ${
        new URL(adminUrl).host
      } does not answer: start it, or unset DATABASE_URL to use one of our own`,
      { cause: error },
    );
  }
}

/** Our own PostgreSQL: started again on the same port when it dies. */
class OwnDatabase {
  readonly #home: string;
  #server: DatabaseServer | null = null;

  constructor(home: string) {
    this.#home = home;
  }

  async start(): Promise<DatabaseServer> {
    const dir = join(this.#home, "database");
    // Whether it is free shows once a server that a killed supervisor left there is stopped.
    const known = this.#server?.port ?? givenPort("ASSAY_DATABASE_PORT");
    try {
      const port = known ?? freePort(54322);
      this.#server = await startServer({ dir, port });
    } catch (error) {
      if (known) throw error;
      // Two that start at once find the same port free.
      if (!/listen socket|is taken/.test(String(error))) throw error;
      this.#server = await startServer({ dir, port: freePort() });
    }
    return this.#server;
  }

  /** Settles with a sentence when the database cannot be brought back. */
  async keepAlive(
    isStopping: () => boolean,
    onRevived: (server: DatabaseServer) => void,
  ): Promise<string> {
    while (true) {
      await this.#server!.ended;
      if (isStopping()) return await new Promise(() => {});
      try {
        onRevived(await this.start());
      } catch (error) {
        return (error as Error).message;
      }
    }
  }
}

async function isHalfRestored(home: string): Promise<boolean> {
  return await Deno.stat(join(home, "restoring")).then(() => true, () => false);
}

async function makeFolders(home: string, logs: string): Promise<void> {
  try {
    // As root the database's user must get through; it cannot list, and what it should not read is for the owner only.
    const mode = isRoot() ? 0o711 : 0o700;
    await Deno.mkdir(home, { recursive: true, mode });
    await Deno.mkdir(logs, { recursive: true, mode: 0o700 });
    await Deno.mkdir(join(home, "storage"), { recursive: true, mode: 0o700 });
    const probe = join(home, "probe");
    await Deno.writeFile(probe, new Uint8Array(1_000_000));
    await Deno.remove(probe);
  } catch (error) {
    if (/ENOSPC|No space left/.test(String(error))) {
      throw new Error(
        `Cannot start as the disk of "${home}" is full: free some space and start again`,
      );
    }
    throw error;
  }
}
