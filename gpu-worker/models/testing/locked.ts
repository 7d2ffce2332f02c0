// deno-lint-ignore-file no-console -- its answer to the test
/** Locks itself down at the level that is named, tries what it may not do, and says what came of it. */
import { lockDown } from "../lock_down.ts";

const before = Deno.openSync(Deno.args[1]!, { write: true });
const level = Deno.args[0] as "compute" | "device";
const { symbols: libc } = Deno.dlopen(
  Deno.build.os === "linux" ? "libc.so.6" : "libSystem.dylib",
  {
    syscall: {
      parameters: ["i64", "i64", "i64", "i64", "buffer"],
      result: "i64",
    },
    location: { name: "__errno_location", parameters: [], result: "pointer" },
  },
);
const isArm = Deno.build.arch === "aarch64";
const queued = new Int32Array(32); // siginfo_t
queued[2] = -1; // si_code: SI_QUEUE
// the parent's own, so that nothing changes where nothing is denied
const mask = new BigUint64Array(128);
const nice = Deno.build.os === "linux"
  ? Number(
    Deno.readTextFileSync(`/proc/${Deno.ppid}/stat`).split(") ")[1]!
      .split(" ")[16],
  )
  : 0;

/** A system call by its number on x86_64 and on aarch64; throws the name of what it answers. */
function call(
  [x64, arm64]: readonly [number, number],
  first: number,
  second: number,
  third: number,
  fourth: Uint8Array<ArrayBuffer>,
): void {
  const number = BigInt(isArm ? arm64 : x64);
  const rest = [first, second, third].map(BigInt) as [bigint, bigint, bigint];
  if (libc.syscall(number, ...rest, fourth) !== -1n) return;
  const errno = new Deno.UnsafePointerView(libc.location()!).getInt32();
  throw Object.assign(new Error(), {
    code: { 1: "EPERM", 3: "ESRCH", 38: "ENOSYS" }[errno] ?? `errno ${errno}`,
  });
}

/** sched_getaffinity and sched_setaffinity, which take a mask. */
function affinity(numbers: readonly [number, number], pid: number): void {
  const pointer = Deno.UnsafePointer.value(Deno.UnsafePointer.of(mask));
  call(numbers, pid, mask.byteLength, Number(pointer), new Uint8Array(8));
}
const [GET, SET] = [[204, 123], [203, 122]] as const;
affinity(GET, Deno.ppid);

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
  queueSignal: () =>
    call([297, 240], Deno.ppid, Deno.ppid, 0, new Uint8Array(queued.buffer)),
  slowDown: () => call([141, 140], 0, Deno.ppid, nice, new Uint8Array(8)),
  moveThis: () => affinity(SET, 0),
  moveOther: () => affinity(SET, Deno.ppid),
  otherNumber: () =>
    call([0x40000000 + 39, 0x40000000 + 172], 0, 0, 0, new Uint8Array(8)), // getpid
};
const locked = level as string === "none"
  ? null
  : lockDown(level, 1024 * 1_048_576);
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
