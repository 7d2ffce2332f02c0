import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { type Platform, startPlatform } from "../../local/supervisor/mod.ts";
import type { ProcessName } from "./points.ts";
import { storeModel } from "./rescoring.ts";
import type { Workload } from "./workload.ts";

/** How long a lease lasts here without a heartbeat; 60 s elsewhere. */
export const LEASE_SECONDS = 3;

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const;
const DISK_BYTES = 256 * 1_048_576;

/** A platform under faults. */
export interface World {
  readonly platform: Platform;
  /** The superuser's, not ended by any fault for good. */
  readonly sql: Sql;
  /** Folder the hook reads. */
  readonly faults: string;
  /** Folder of Storage's files. */
  readonly files: string;
  /** Whether that folder is a disk of its own, of 256 MB. */
  readonly isSmallDisk: boolean;
  /** Rows of an undisturbed run, by workload. */
  readonly undisturbed: Map<string, readonly string[]>;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** Environment of the worker as it was started. */
  readonly workerEnv: Readonly<Record<string, string>>;
  /** A model that runs of kind `rescored` are scored by. */
  readonly modelId: string;
  /** Whether a process answers. */
  isUp(name: ProcessName): Promise<boolean>;
  /** Stops everything and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a platform with the hook in every process. */
export async function startWorld(
  say: (line: string) => void,
): Promise<World> {
  const folder = await Deno.makeTempDir({ prefix: "assay-faults-" });
  await Deno.chmod(folder, 0o755); // the database may have to run as another user
  const faults = join(folder, "faults");
  await Deno.mkdir(join(faults, "clients"), { recursive: true });
  const home = join(folder, "home");
  const files = join(home, "storage");
  await Deno.mkdir(files, { recursive: true });
  await Deno.chmod(home, 0o711);
  const isSmallDisk = await mount(files);
  const clear = async () => {
    if (isSmallDisk) await run("umount", ["-l", files]);
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const platform = await startPlatform({
      home,
      port: 0,
      isAnnounced: false,
      mostDeaths: 100_000, // we end them faster than any fault of theirs would
      env: {
        ASSAY_FAULT_MODULE: new URL("./hook.ts", import.meta.url).href,
        ASSAY_FAULT_DIR: faults,
        ASSAY_LEASE_SECONDS: String(LEASE_SECONDS),
        ASSAY_SWEEP_SECONDS: "1",
        ASSAY_DEVICE: "cpu",
        ASSAY_MODEL_BLOCK_S: "0.001", // a block a batch
      },
    });
    const sql = postgres(platform.databaseUrl, {
      max: 6,
      connection: { application_name: "faults" },
      onnotice: () => {},
    });
    const health = new Map(
      platform.processes.filter(({ name }) => name !== "database").map((
        { name, pid },
      ) => [name, healthUrl(name, pid)]),
    );
    const stop = async () => {
      for (const signal of STOP_SIGNALS) {
        Deno.removeSignalListener(signal, stopAtOnce);
      }
      await sql.end({ timeout: 1 });
      await platform.stop();
      await clear();
    };
    const stopAtOnce = async () => {
      await stop();
      Deno.exit(130);
    };
    for (const signal of STOP_SIGNALS) {
      Deno.addSignalListener(signal, stopAtOnce);
    }
    const [project] = await sql`select id from assay.projects`;
    return {
      platform,
      modelId: await storeModel(platform, project!.id),
      sql,
      faults,
      files,
      isSmallDisk,
      undisturbed: new Map(),
      say,
      workerEnv: environmentOf(platform.pidOf("worker")),
      isUp: (name) =>
        name === "database"
          ? accepts(platform.databaseUrl)
          : answers(health.get(name)!),
      stop,
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** Name of a workload. */
export function nameOf({ kind, seed }: Workload): string {
  return `${kind} ${seed}`;
}

/** Asks until there is an answer. */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | null>,
): Promise<T> {
  const end = Date.now() + limitMs;
  while (true) {
    const answer = await ask().catch((error) => {
      if (Date.now() > end) throw error;
      return null;
    });
    if (answer !== null) return answer;
    if (Date.now() > end) {
      throw new Error(`Waited ${limitMs / 1000} s for this: ${what}`);
    }
    await delay(25);
  }
}

/** Variables of a running process. */
export function environmentOf(pid: number): Record<string, string> {
  return Object.fromEntries(
    Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").filter(Boolean)
      .map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
}

function healthUrl(name: string, pid: number): string {
  const { PORT, DENO_SERVE_ADDRESS } = environmentOf(pid);
  return DENO_SERVE_ADDRESS
    ? `http://${DENO_SERVE_ADDRESS.slice("tcp:".length)}/${name}/v1/health`
    : `http://127.0.0.1:${PORT}/health`;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

async function accepts(databaseUrl: string): Promise<boolean> {
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
  });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A disk of its own for a folder, so that it can be filled; false where we may not. */
async function mount(folder: string): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const size = `size=${DISK_BYTES},mode=0700`;
  return await run("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder]);
}

async function run(program: string, args: string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    return (await command.output()).success;
  } catch {
    return false;
  }
}
