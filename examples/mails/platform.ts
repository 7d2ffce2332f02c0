// deno-lint-ignore-file camelcase
import { textLines } from "./text_lines.ts";

/** A platform that runs, ours or one that ran already. */
export interface Platform {
  readonly url: string;
  readonly apiKey: string;
  readonly loginUrl: string;
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number;
  }[];
  /** Whether we started it. */
  readonly isOurs: boolean;
  /** Stops it, if it is ours. */
  stop(): Promise<void>;
}

interface PlatformEvent {
  readonly event:
    | "starting"
    | "restarted"
    | "ready"
    | "running"
    | "failed"
    | "stopped";
  readonly name?: string;
  readonly message?: string;
  readonly url: string;
  readonly api_key: string;
  readonly login_url: string;
  readonly processes: readonly { name: string; pid: number }[];
}

/**
 * Starts everything as `deno task start` does, or takes what runs already.
 *
 * @param onStarting Told the name of each part.
 * @throws {Error} With the platform's own sentence.
 */
export async function startPlatform(
  onStarting: (name: string) => void,
): Promise<Platform> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      new URL("../../local/main.ts", import.meta.url).pathname,
      "--json",
      "--until-stdin-closes",
    ],
    stdin: "piped", // held open: when we end, so does the platform
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
    textLines(),
  ).getReader();
  while (true) {
    const { value: line, done } = await lines.read();
    if (done) {
      throw new Error("Cannot start: the platform ended without a word");
    }
    const event = JSON.parse(line) as PlatformEvent;
    if (event.event === "starting") onStarting(event.name!);
    if (event.event === "failed") throw new Error(event.message);
    if (event.event !== "ready" && event.event !== "running") continue;
    const isOurs = event.event === "ready";
    void drain(lines); // what it says later is in its logs
    return {
      url: event.url,
      apiKey: event.api_key,
      loginUrl: event.login_url,
      processes: event.processes,
      isOurs,
      async stop() {
        await child.stdin.close().catch(() => {});
        await child.status;
      },
    };
  }
}

async function drain(
  reader: ReadableStreamDefaultReader<string>,
): Promise<void> {
  while (!(await reader.read()).done);
}

/** Most memory each process has held, in MB; empty where the system does not tell. */
export async function peakMegabytes(
  processes: readonly { readonly name: string; readonly pid: number }[],
): Promise<Record<string, number>> {
  const peaks: Record<string, number> = {};
  for (const { name, pid } of [...processes, { name: "demo", pid: Deno.pid }]) {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() =>
      ""
    );
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status);
    if (peak) peaks[name] = Math.round(Number(peak[1]) / 1024);
  }
  return peaks;
}
