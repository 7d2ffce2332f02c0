// deno-lint-ignore-file camelcase
import { join } from "node:path";
import { homeFolder, readJson, serversFile, writePrivate } from "./home.ts";

/** What a running platform notes in its folder for `deno task sql` and for a second start. */
export interface PlatformState {
  /** Process id of the supervisor. */
  readonly pid: number;
  /** Base URL of the gateway. */
  readonly url: string;
  /** Link that signs a person in. */
  readonly loginUrl: string;
  /** URL of the database's owner. */
  readonly databaseUrl: string;
  /** First key of the first project. */
  readonly apiKey: string;
  /** First project. */
  readonly projectId: string;
  /** Children by name. */
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number;
  }[];
}

/** One entry of the per-user file that SDKs read. */
export interface ServerEntry {
  /** Base URL. */
  readonly url: string;
  /** Key for logging and reading. */
  readonly api_key: string;
  /** Name of the project the key belongs to. */
  readonly project: string;
  /** Folder of the installation. */
  readonly home: string;
  /** Process id of the supervisor. */
  readonly pid: number;
  /** ISO 8601. */
  readonly started_at: string;
}

/** State of the platform that runs in a folder; null if none noted one. */
export function readState(home = homeFolder()): Promise<PlatformState | null> {
  return readJson<PlatformState>(join(home, "state.json"));
}

/** Notes the state of a running platform. */
export function writeState(home: string, state: PlatformState): Promise<void> {
  return writePrivate(join(home, "state.json"), JSON.stringify(state, null, 2));
}

/** Forgets it. */
export async function removeState(home: string): Promise<void> {
  await Deno.remove(join(home, "state.json")).catch(() => {});
}

/** Adds an entry for SDKs, newest first, and drops those whose supervisor is gone. */
export async function announceServer(entry: ServerEntry): Promise<void> {
  const others = await liveServers();
  await writePrivate(
    serversFile(),
    JSON.stringify(
      [entry, ...others.filter((s) => s.home !== entry.home)],
      null,
      2,
    ),
  );
}

/** Takes an entry back. */
export async function withdrawServer(home: string): Promise<void> {
  const others = (await liveServers()).filter((s) => s.home !== home);
  await writePrivate(serversFile(), JSON.stringify(others, null, 2));
}

async function liveServers(): Promise<ServerEntry[]> {
  const noted = await readJson<ServerEntry[]>(serversFile()).catch(() => null);
  return (noted ?? []).filter(({ pid }) => isAlive(pid));
}

/** Whether a process of ours has this id. */
export function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT"); // harmless, and says whether the process is there
    return true;
  } catch {
    return false;
  }
}
