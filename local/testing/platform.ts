/** The whole platform as `deno task start` runs it, for tests. @module */

const MAIN = new URL("../main.ts", import.meta.url).pathname;

/** A line that `main.ts --json` prints. */
export type Event =
  & { readonly event: string }
  & Readonly<
    Record<string, unknown>
  >;

/** A running `main.ts --json`. */
export interface Platform {
  readonly process: Deno.ChildProcess;
  /** Lines so far. */
  readonly events: readonly Event[];
  /** The first line after those seen before that fits; throws if the process ends without one. */
  next(event: string, name?: string): Promise<Event>;
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
}

/** Settings that keep a test apart from what else runs on the machine. */
export function isolated(home: string): Record<string, string> {
  return {
    ASSAY_HOME: home,
    XDG_STATE_HOME: `${home}-state`,
    ASSAY_PORT: "",
    ASSAY_DATABASE_PORT: "",
    DATABASE_URL: "",
    ASSAY_DEVICE: "cpu",
  };
}

/** Starts the platform; `args` beside `--json`. */
export function start(
  env: Record<string, string>,
  args: string[] = [],
): Platform {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN, "--json", ...args],
    env,
    stdin: "piped",
    stdout: "piped",
    detached: true,
  }).spawn();
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((resolve) => resolve());
  let hasEnded = false;
  const reading = (async () => {
    let rest = "";
    for await (
      const text of process.stdout.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      events.push(...lines.map((line) => JSON.parse(line)));
      wake();
    }
    hasEnded = true;
    wake();
  })();
  let seen = 0;
  return {
    process,
    events,
    status: reading.then(() => process.status),
    async next(event, name) {
      while (true) {
        for (; seen < events.length; seen++) {
          const e = events[seen]!;
          if (e.event === event && (name === undefined || e.name === name)) {
            seen++;
            return e;
          }
        }
        if (hasEnded) {
          throw new Error(
            `It ended before "${event}": ${JSON.stringify(events)}`,
          );
        }
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
      }
    },
  };
}

/** Ends what a test left running. */
export async function stop({ process, status }: Platform): Promise<void> {
  try {
    process.kill("SIGTERM");
  } catch { /* it has ended */ }
  await process.stdin.close().catch(() => {});
  await status;
}
