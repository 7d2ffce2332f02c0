import { outputOf } from "../command.ts";
import type { Python } from "./find_python.ts";

/** So long without news, and one line says that it goes on. */
const SILENCE_MS = 15_000;

/** What to install where. */
export interface Installation {
  /** Makes the environment. */
  readonly base: Python;
  /** Folder of the environment. */
  readonly folder: string;
  /** Python in it. */
  readonly python: string;
  /** Paths of pip requirements files. */
  readonly requirements: readonly string[];
  /** Told what happens, a line each. */
  readonly onProgress: (line: string) => void;
  /** Ends it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes a virtual environment and installs into it, wheels only: nothing is compiled.
 *
 * @throws {Error} With the end of what pip said.
 */
export async function installRequirements(
  { base, folder, python, requirements, onProgress, signal }: Installation,
): Promise<void> {
  const ending = signal ? { signal } : {};
  await outputOf(base.path, ["-m", "venv", folder], ending);
  const files = requirements.flatMap((file) => ["-r", file]);
  const pip = new Deno.Command(python, {
    args: [
      ...["-m", "pip", "install", "--no-input", "--progress-bar", "off"],
      ...["--disable-pip-version-check", "--only-binary", ":all:", ...files],
    ],
    env: { PYTHONUNBUFFERED: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...ending,
  }).spawn();
  const started = Date.now();
  let told = started;
  const tell = (line: string) => {
    told = Date.now();
    onProgress(line);
  };
  const timer = setInterval(() => {
    if (Date.now() - told < SILENCE_MS) return;
    tell(`still installing, ${Math.round((Date.now() - started) / 1000)} s`);
  }, 1000);
  try {
    const [, problems, { success }] = await Promise.all([
      eachLine(pip.stdout, (line) => {
        const news = newsOf(line);
        if (news) tell(news);
      }),
      new Response(pip.stderr).text(),
      pip.status,
    ]);
    if (!success) {
      const errors = problems.replaceAll(/^WARNING: .*\n/gm, "").trim();
      throw new Error(`Cannot install with pip: ${errors.slice(-2000)}`);
    }
  } finally {
    clearInterval(timer);
  }
}

/** What of pip's talk is worth a line: what is large, and what takes long. */
function newsOf(line: string): string | null {
  const large = /^\s*Downloading (\S+) \(([\d.]+ [MG]B)\)/.exec(line);
  if (large) return `downloading ${large[1]} (${large[2]})`;
  const packages = /^Installing collected packages: (.*)/.exec(line);
  return packages && `installing ${packages[1]!.split(",").length} packages`;
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (rest) onLine(rest);
}
