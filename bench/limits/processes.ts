/**
 * What processes of this machine take, as Linux counts it in `/proc`.
 *
 * @module
 */

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Deno runs on

/** Seconds of CPU that a process has taken so far, in all its threads; `andEnded`: its children that have ended too. */
export async function cpuSeconds(
  pid: number,
  { andEnded = false }: { readonly andEnded?: boolean } = {},
): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name of the program may hold spaces; after it stand the state, then utime, stime, cutime and cstime as 12th to 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, andEnded ? 15 : 13).map(Number);
  return ticks.reduce((sum, n) => sum + n, 0) / TICKS_PER_SECOND;
}

/** Memory of a process in MB (1,048,576 bytes): now, and the most since it started or {@linkcode forgetPeak} was called. */
export async function memoryMb(
  pid: number,
): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

/** Lets the peak of a process begin anew at what it holds now. */
export async function forgetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

/** A process and those it has started, all the way down. */
export async function familyOf(pid: number): Promise<number[]> {
  const family = [pid];
  for (const parent of family) {
    const children = await Deno.readTextFile(
      `/proc/${parent}/task/${parent}/children`,
    ).catch(() => ""); // it has ended
    family.push(...children.trim().split(" ").filter(Boolean).map(Number));
  }
  return family;
}

/** Memory of a family in MB, pages that several share counted once. */
export async function familyMb(pid: number): Promise<number> {
  let kb = 0;
  for (const member of await familyOf(pid)) {
    const rollup = await Deno.readTextFile(`/proc/${member}/smaps_rollup`)
      .catch(() => ""); // it has ended
    kb += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  }
  return kb / 1024;
}

/** Seconds of CPU of processes by name, those they have started included: the database has one for each connection. */
export async function cpuByName(
  processes: readonly { readonly name: string; readonly pid: number }[],
): Promise<Map<string, number>> {
  const seconds = new Map<string, number>();
  for (const { name, pid } of processes) {
    const each = await Promise.all(
      (await familyOf(pid)).map((member) =>
        cpuSeconds(member, { andEnded: true }).catch(() => 0) // it has ended
      ),
    );
    seconds.set(name, each.reduce((sum, s) => sum + s, 0));
  }
  return seconds;
}
