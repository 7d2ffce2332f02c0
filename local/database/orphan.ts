import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const STOP_MS = 10_000;

/**
 * Ends what an earlier start left in a folder: a postmaster outlives a killed supervisor, and a busy backend outlives a killed postmaster
 * and keeps the shared memory, with which no other can start. Whoever calls holds the folder's lock, so they are nobody's.
 *
 * @param folder Folder of the cluster.
 * @throws {Error} If a process does not end.
 */
export async function stopOrphans(folder: string): Promise<void> {
  const postmaster = await postmasterOf(folder);
  if (postmaster !== null) await end(postmaster, "SIGINT");
  for (const pid of await processesIn(join(folder, "data"))) {
    await end(pid, "SIGKILL");
  }
}

async function postmasterOf(folder: string): Promise<number | null> {
  const note = join(folder, "data", "postmaster.pid");
  const text = await Deno.readTextFile(note).catch(() => "");
  const pid = Number(text.split("\n")[0]);
  return pid > 0 && await isPostgres(pid) ? pid : null;
}

async function end(pid: number, signal: Deno.Signal): Promise<void> {
  try {
    Deno.kill(pid, signal);
  } catch {
    return; // it has ended
  }
  for (let waited = 0; waited < STOP_MS; waited += 20) {
    if (!await isPostgres(pid)) return;
    await delay(20);
  }
  throw new Error(
    `Cannot start database as process ${pid} of an earlier start does not stop: end it by hand`,
  );
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    Deno.kill(pid, "SIGCONT"); // harmless, and says whether the process is there
  } catch {
    return false;
  }
  if (Deno.build.os !== "linux") return true;
  const command = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() =>
    ""
  );
  return command.includes("postgres"); // an id may have been given to another program; a zombie has no command
}

/** Processes whose working folder this is; on Linux only. */
async function processesIn(folder: string): Promise<number[]> {
  if (Deno.build.os !== "linux") return [];
  const path = await Deno.realPath(folder).catch(() => null);
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const at = await Deno.readLink(`/proc/${name}/cwd`).catch(() => "");
    if (at === path) found.push(Number(name));
  }
  return found;
}
