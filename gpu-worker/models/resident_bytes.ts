/** Memory that a process has in use, bytes; 0 where that cannot be told, or it has ended. */
export async function residentBytes(pid: number): Promise<number> {
  try {
    if (Deno.build.os === "linux") {
      const status = await Deno.readTextFile(`/proc/${pid}/status`);
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    }
    const { stdout } = await new Deno.Command("ps", {
      args: ["-o", "rss=", "-p", String(pid)],
      stderr: "null",
    }).output();
    return Number(new TextDecoder().decode(stdout).trim()) * 1024;
  } catch {
    return 0;
  }
}
