import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** How to run one process of the platform. */
export interface ChildSpec {
  /** Name, also of its log. */
  readonly name: string;
  /** Arguments of the Deno executable. */
  readonly args: readonly string[];
  /** Whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when the process is ready. */
  readonly healthUrl: string;
}

const LOG_BYTES = 10_000_000;
const READY_MS = 60_000;
/** Deaths in half a minute after which a process is given up. */
export const MOST_DEATHS = 5;
const DEATHS_MS = 30_000;

/** A process that is started again when it dies, until it is stopped or dies too often. */
export class Child {
  /** Settles with a sentence when the process died too often. */
  readonly gaveUp: Promise<string>;
  readonly #spec: ChildSpec;
  readonly #logPath: string;
  readonly #onRestart: (name: string) => void;
  readonly #mostDeaths: number;
  #process: Deno.ChildProcess | null = null;
  #logged: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  #deaths: number[] = [];
  #giveUp: (sentence: string) => void = () => {};

  constructor(
    spec: ChildSpec,
    logFolder: string,
    onRestart: (name: string) => void,
    mostDeaths: number = MOST_DEATHS,
  ) {
    this.#spec = spec;
    this.#logPath = join(logFolder, `${spec.name}.log`);
    this.#onRestart = onRestart;
    this.#mostDeaths = mostDeaths;
    this.gaveUp = new Promise((resolve) => this.#giveUp = resolve);
  }

  /** Name of the process. */
  get name(): string {
    return this.#spec.name;
  }

  /** Its id now; 0 while it is not running. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it; returns at once. */
  start(): void {
    rotate(this.#logPath);
    const process = new Deno.Command(Deno.execPath(), {
      args: [...this.#spec.args],
      env: { ...this.#spec.env },
      clearEnv: true,
      stdin: "piped", // held open: its end tells the child that we are gone
      stdout: "piped",
      stderr: "piped",
      detached: true, // Ctrl-C reaches the supervisor only: a worker gives its task back before it ends
    }).spawn();
    this.#process = process;
    const logs = [process.stdout, process.stderr].map((s) => this.#keep(s));
    this.#logged = Promise.allSettled(logs);
    process.status.then(async ({ code, signal }) => {
      this.#process = null;
      await this.#logged;
      if (!this.#isStopping) await this.#revive(signal ?? `code ${code}`);
    });
  }

  /**
   * Waits until the process answers.
   *
   * @throws {Error} If it does not within a minute, or died too often.
   */
  async ready(): Promise<void> {
    let sentence: string | null = null;
    this.gaveUp.then((s) => sentence = s);
    for (let waited = 0; waited < READY_MS; waited += 30) {
      if (sentence !== null) throw new Error(sentence);
      try {
        const response = await fetch(this.#spec.healthUrl, {
          signal: AbortSignal.timeout(2000),
        });
        await response.body?.cancel();
        if (response.ok) return;
      } catch { /* not yet */ }
      await delay(30);
    }
    throw new Error(
      `Cannot start ${this.name}: it did not answer within a minute. See "${this.#logPath}"`,
    );
  }

  /** Sends a signal to the process as it is now. */
  kill(signal: Deno.Signal): void {
    this.#process?.kill(signal);
  }

  /** Stops it for good, by force after two seconds. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const process = this.#process;
    if (!process) return;
    const signal = (name: Deno.Signal) => {
      try {
        process.kill(name);
      } catch { /* it has ended */ }
    };
    signal("SIGTERM");
    const timer = setTimeout(() => signal("SIGKILL"), 2000);
    await process.status;
    clearTimeout(timer);
    await Promise.race([this.#logged, delay(500)]); // a child of its own may hold the pipe
  }

  async #revive(how: string): Promise<void> {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < DEATHS_MS), now];
    if (this.#deaths.length >= this.#mostDeaths) {
      const lines = await lastLines(this.#logPath);
      return this.#giveUp(
        `Cannot keep ${this.name} running: it died ${this.#mostDeaths} times in ${
          DEATHS_MS / 1000
        } s, last by ${how}. Its log "${this.#logPath}" ends with:\n${lines}`,
      );
    }
    await delay(Math.min(2000, 50 * 2 ** (this.#deaths.length - 1)));
    if (this.#isStopping) return;
    this.#onRestart(this.name);
    this.start();
  }

  async #keep(stream: ReadableStream<Uint8Array>): Promise<void> {
    const file = await Deno.open(this.#logPath, {
      create: true,
      append: true,
      mode: 0o600,
    });
    try {
      // Not pipeTo(): Deno keeps what a writable file was given until it is closed.
      for await (const chunk of stream) file.writeSync(chunk);
    } finally {
      file.close();
    }
  }
}

function rotate(path: string): void {
  try {
    if (Deno.statSync(path).size > LOG_BYTES) {
      Deno.renameSync(path, `${path}.1`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function lastLines(path: string): Promise<string> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.trimEnd().split("\n").slice(-8).join("\n");
}
