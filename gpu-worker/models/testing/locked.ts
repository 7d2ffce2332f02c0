// deno-lint-ignore-file no-console -- its answer to the test
/** Locks itself down at the level that is named, tries what it may not do, and says what came of it. */
import { lockDown } from "../lock_down.ts";

const before = Deno.openSync(Deno.args[1]!, { write: true });
const level = Deno.args[0] as "compute" | "device";
const attempts: Record<string, () => unknown> = {
  compute: () => new Float64Array(1_000_000).fill(1).length,
  memory: () => new Uint8Array(900 * 1_048_576).fill(1).length,
  read: () => Deno.readTextFileSync("/etc/hostname").length >= 0,
  environ: () => Deno.readTextFileSync("/proc/self/environ").length >= 0,
  writeOpenFile: () => before.writeSync(Uint8Array.of(1)),
  write: () => Deno.writeTextFileSync(Deno.args[1]!, "here"),
  connect: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  program: () => new Deno.Command("/bin/true", { cwd: "/" }).outputSync(),
  kill: () => Deno.kill(Deno.ppid, "SIGCONT"),
};
const locked = lockDown(level, 1024 * 1_048_576);
const came: Record<string, string> = {};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    came[name] = "done";
  } catch (error) {
    came[name] = (error as { code?: string }).code ?? (error as Error).name;
  }
}
console.log(JSON.stringify({ locked, came }));
