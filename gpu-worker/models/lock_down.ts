// deno-lint-ignore-file camelcase -- names of the kernel's
/**
 * What the kernel denies a process from now on, for good: Deno's own permissions end where native code begins.
 *
 * @module
 */

/** What holds on this machine. */
export interface LockDown {
  /** Memory that can be written, bytes; null: no limit of the kernel's, the parent watches instead. */
  readonly memoryBytes: number | null;
  /**
   * `compute`: nothing but computing, threads, stdin and stdout. `device`: files and devices too, as drivers need them, yet no network, no other
   * process and no program. Null: this system has no filter.
   */
  readonly systemCalls: "compute" | "device" | null;
}

/** System calls that a graph needs once onnxruntime runs: x86_64 and aarch64. Null: the architecture has none of the name. */
const COMPUTE: Readonly<Record<string, readonly [number, number | null]>> = {
  brk: [12, 214],
  clock_getres: [229, 114],
  clock_gettime: [228, 113],
  clock_nanosleep: [230, 115],
  close: [3, 57],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_pwait: [281, 22],
  epoll_wait: [232, null],
  eventfd2: [290, 19],
  exit: [60, 93],
  exit_group: [231, 94],
  fstat: [5, 80],
  futex: [202, 98],
  getcpu: [309, 168],
  getpid: [39, 172],
  getrandom: [318, 278],
  getrusage: [98, 165],
  gettid: [186, 178],
  gettimeofday: [96, 169],
  lseek: [8, 62],
  madvise: [28, 233],
  membarrier: [324, 283],
  mincore: [27, 232],
  mmap: [9, 222],
  mprotect: [10, 226],
  mremap: [25, 216],
  munmap: [11, 215],
  nanosleep: [35, 101],
  poll: [7, null],
  ppoll: [271, 73],
  pread64: [17, 67],
  read: [0, 63],
  readv: [19, 65],
  restart_syscall: [219, 128],
  rseq: [334, 293],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  sched_yield: [24, 124],
  set_robust_list: [273, 99],
  sigaltstack: [131, 132],
  sysinfo: [99, 179],
  uname: [63, 160],
  write: [1, 64],
  writev: [20, 66],
};

/** What a driver may not do either: reach the network, another process or another program, or lift what holds. */
const NEVER: Readonly<Record<string, readonly [number, number | null]>> = {
  accept: [43, 202],
  accept4: [288, 242],
  bind: [49, 200],
  bpf: [321, 280],
  connect: [42, 203],
  execve: [59, 221],
  execveat: [322, 281],
  fork: [57, null],
  io_uring_setup: [425, 425],
  ioprio_set: [251, 30],
  keyctl: [250, 219],
  kill: [62, 129],
  listen: [50, 201],
  mount: [165, 40],
  open_by_handle_at: [304, 265],
  perf_event_open: [298, 241],
  pidfd_getfd: [438, 438],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  process_madvise: [440, 440],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  ptrace: [101, 117],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  sched_setattr: [314, 274],
  sched_setparam: [142, 118],
  sched_setscheduler: [144, 119],
  sendmsg: [46, 211],
  sendto: [44, 206],
  setns: [308, 268],
  setpriority: [141, 140],
  setrlimit: [160, 164],
  socket: [41, 198],
  socketpair: [53, 199],
  tkill: [200, 130],
  unshare: [272, 97],
  userfaultfd: [323, 282],
  vfork: [58, null],
};

/** Those that are looked at more closely: x86_64 and aarch64. */
const CLOSER = {
  clone: [56, 220],
  clone3: [435, 435],
  fcntl: [72, 25],
  prctl: [157, 167],
  prlimit64: [302, 261],
  sched_setaffinity: [203, 122],
  tgkill: [234, 131],
} as const;

const ARCHITECTURES = {
  x86_64: { audit: 0xc000003e, column: 0, seccomp: 317, fstat: 5, modeAt: 24 },
  aarch64: {
    audit: 0xc00000b7,
    column: 1,
    seccomp: 277,
    fstat: 80,
    modeAt: 16,
  },
} as const;

// linux/bpf_common.h, linux/seccomp.h, linux/prctl.h, asm/resource.h
const [LOAD, IF_EQUAL, IF_ABOVE, IF_ANY_BIT, RETURN] = [
  0x20,
  0x15,
  0x25,
  0x45,
  0x06,
];
const [ALLOW, DENY] = [0x7fff0000, 0x00050000];
const [EPERM, ENOSYS] = [1, 38];
const [NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT] = [0, 4, 16, 24];
/** Above it x86_64 has the same calls by other numbers (x32); elsewhere there is no such number. */
const LAST_NUMBER = 0x3fffffff;
const THIS_THREAD = 0;
const CLONE_THREAD = 0x10000;
const [PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_NO_NEW_PRIVS] = [1, 15, 38];
const SIGKILL = 9;
const [SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC] = [1, 1];
const [RLIMIT_DATA, RLIMIT_CORE] = [2, 4];
// linux/stat.h, fcntl.h
const [S_IFMT, S_IFREG] = [0o170000, 0o100000];
const O_RDONLY = 0;
/** Up to it: flags and locks. SQLite, with which Deno keeps its caches, tries again and again where a lock is denied, and they lead nowhere by then. */
const F_SETLK = 6;
const F_DUPFD_CLOEXEC = 1030;
const MOST_DESCRIPTORS = 1024;

type Instruction = readonly [
  code: number,
  ifTrue: number,
  ifFalse: number,
  k: number,
];

/**
 * Gives up what computing does not need, files that are open too, for every thread of this process, and asks the kernel to end it with its parent.
 *
 * Linux on x86_64 and aarch64; elsewhere nothing holds. A limit on memory is set for `compute` alone: drivers map more than they use.
 *
 * @param level What stays possible.
 * @param memoryBytes Most memory that can be written.
 * @throws {Error} If this is such a Linux, and its kernel refuses.
 */
export function lockDown(
  level: "compute" | "device",
  memoryBytes: number,
): LockDown {
  const architecture = ARCHITECTURES[Deno.build.arch];
  if (Deno.build.os !== "linux" || !architecture) {
    return { memoryBytes: null, systemCalls: null };
  }
  const { symbols: libc } = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
    syscall: { parameters: ["i64", "u64", "u64", "buffer"], result: "i64" },
    fstat: {
      name: "syscall",
      parameters: ["i64", "u64", "buffer"],
      result: "i64",
    },
    open: { parameters: ["buffer", "i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
  });
  const must = (what: string, result: number | bigint) => {
    if (Number(result) === 0) return;
    throw new Error(`Cannot lock down: ${what} answered ${result}`);
  };
  const limit = (bytes: number) =>
    BigUint64Array.of(BigInt(bytes), BigInt(bytes));
  must("prctl", libc.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL), 0n, 0n, 0n));
  must("setrlimit", libc.setrlimit(RLIMIT_CORE, limit(0)));
  if (level === "compute") {
    must("setrlimit", libc.setrlimit(RLIMIT_DATA, limit(memoryBytes)));
    // Deno holds its caches open: who writes there has the next worker run it
    const nowhere = libc.open(
      new TextEncoder().encode("/dev/null\0"),
      O_RDONLY,
    );
    const status = new DataView(new ArrayBuffer(256)); // struct stat
    for (let fd = 3; fd < MOST_DESCRIPTORS; fd++) {
      const found = libc.fstat(
        BigInt(architecture.fstat),
        BigInt(fd),
        new Uint8Array(status.buffer),
      );
      if (Number(found) !== 0) continue;
      const mode = status.getUint32(architecture.modeAt, true);
      if ((mode & S_IFMT) === S_IFREG) libc.dup2(nowhere, fd);
    }
  }
  const filter = encodeFilter(
    filterOf(level, architecture.audit, architecture.column, Deno.pid),
  );
  const program = new DataView(new ArrayBuffer(16)); // struct sock_fprog
  program.setUint16(0, filter.length / 8, true);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(filter));
  program.setBigUint64(8, BigInt(address), true);
  must("prctl", libc.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n));
  must(
    "seccomp",
    libc.syscall(
      BigInt(architecture.seccomp),
      BigInt(SECCOMP_SET_MODE_FILTER),
      BigInt(SECCOMP_FILTER_FLAG_TSYNC),
      new Uint8Array(program.buffer),
    ),
  );
  return {
    memoryBytes: level === "compute" ? memoryBytes : null,
    systemCalls: level,
  };
}

/** The filter: what is refused answers EPERM, so that a library that only tries goes on. */
function filterOf(
  level: "compute" | "device",
  audit: number,
  column: 0 | 1,
  pid: number,
): Instruction[] {
  const deny: Instruction = [RETURN, 0, 0, DENY | EPERM];
  const allow: Instruction = [RETURN, 0, 0, ALLOW];
  /** Allows a call if its first argument passes, denies it otherwise. */
  const onlyIf = (name: keyof typeof CLOSER, code: number, k: number) =>
    [
      [IF_EQUAL, 0, 4, CLOSER[name][column]],
      [LOAD, 0, 0, FIRST_ARGUMENT],
      [code, 0, 1, k],
      allow,
      deny,
    ] as Instruction[];
  const each = (
    table: Readonly<Record<string, readonly [number, number | null]>>,
    answer: Instruction,
  ) =>
    Object.values(table).flatMap((numbers): Instruction[] => {
      const number = numbers[column];
      return number === null ? [] : [[IF_EQUAL, 0, 1, number], answer];
    });
  return [
    [LOAD, 0, 0, ARCHITECTURE],
    [IF_EQUAL, 1, 0, audit],
    deny,
    [LOAD, 0, 0, NUMBER],
    [IF_ABOVE, 0, 1, LAST_NUMBER],
    deny,
    ...onlyIf("clone", IF_ANY_BIT, CLONE_THREAD),
    // its flags lie in memory, which a filter cannot read: libc falls back to clone
    [IF_EQUAL, 0, 1, CLOSER.clone3[column]],
    [RETURN, 0, 0, DENY | ENOSYS],
    ...onlyIf("tgkill", IF_EQUAL, pid), // abort() of its own
    ...onlyIf("sched_setaffinity", IF_EQUAL, THIS_THREAD),
    ...level === "compute"
      ? [
        ...onlyIf("prctl", IF_EQUAL, PR_SET_NAME),
        ...[
          [IF_EQUAL, 0, 5, CLOSER.fcntl[column]],
          [LOAD, 0, 0, SECOND_ARGUMENT],
          [IF_EQUAL, 2, 0, F_DUPFD_CLOEXEC],
          [IF_ABOVE, 0, 1, F_SETLK],
          deny,
          allow,
        ] as Instruction[],
        ...each(COMPUTE, allow),
        deny,
      ]
      : [
        [IF_EQUAL, 0, 1, CLOSER.prlimit64[column]] as Instruction,
        deny,
        ...each(NEVER, deny),
        allow,
      ],
  ];
}

function encodeFilter(
  instructions: readonly Instruction[],
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  instructions.forEach(([code, ifTrue, ifFalse, k], i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, ifTrue);
    view.setUint8(i * 8 + 3, ifFalse);
    view.setUint32(i * 8 + 4, k >>> 0, true);
  });
  return new Uint8Array(view.buffer);
}
