import { fileURLToPath } from "node:url";
import { outputOf } from "../tools/command.ts";
import { ensureVenv } from "../tools/python/venv.ts";

/** Python with cleanlab, its Datalab, scikit-learn and torch, none of which Assay needs. */
export interface PeerPython {
  /** Path of the interpreter, in an environment of its own. */
  readonly path: string;
  /** Versions of the peers, by package. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Runs a script of `bench/python/` to its end.
   *
   * @param script Name of the file, such as `peer_speed.py`.
   * @param args Its arguments.
   * @param options Threads that numeric libraries may take, default 1.
   * @returns What it printed on its standard output, parsed as JSON.
   * @throws {Error} With the end of what it said, if it fails.
   */
  run<T>(
    script: string,
    args: readonly string[],
    options?: { readonly threads?: number },
  ): Promise<T>;
}

const PACKAGES = ["cleanlab", "scikit-learn", "numpy", "scipy", "torch"];

const SAY_VERSIONS = `
import json, sys
from importlib.metadata import version
versions = {name: version(name) for name in sys.argv[1:]}
versions["python"] = sys.version.split()[0]
print(json.dumps(versions))`;

let known: Promise<PeerPython> | undefined;

/**
 * The peers' private environment: made on the first call, kept for later ones in the user's cache folder.
 *
 * @param say Told what happens while it is made.
 * @returns How to run peers.
 * @throws {Error} If there is no Python, or something cannot be installed.
 */
export function peerPython(say: (text: string) => void): Promise<PeerPython> {
  return known ??= makePeerPython(say);
}

async function makePeerPython(
  say: (text: string) => void,
): Promise<PeerPython> {
  const path = await ensureVenv([here("python/peer_requirements.txt")], {
    onProgress: say,
  });
  const versions = JSON.parse(
    await outputOf(path, ["-c", SAY_VERSIONS, ...PACKAGES]),
  );
  return {
    path,
    versions,
    async run(script, args, { threads = 1 } = {}) {
      const { success, stdout, stderr } = await new Deno.Command(path, {
        args: [here(`python/${script}`), ...args],
        env: { ...threadsOf(threads), PYTHONWARNINGS: "ignore" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      if (!success) {
        throw new Error(`Cannot run ${script}: ${text(stderr).slice(-3000)}`);
      }
      return JSON.parse(text(stdout));
    },
  };
}

/** What tells numeric libraries how many threads they may take. */
export function threadsOf(threads: number): Record<string, string> {
  return Object.fromEntries(
    ["OMP", "OPENBLAS", "MKL", "NUMEXPR"].map((
      library,
    ) => [`${library}_NUM_THREADS`, String(threads)]),
  );
}

/**
 * A folder of data that the project may not hold: `$ASSAY_BENCH_DATA/<name>/`.
 *
 * @param name Folder, such as `cifar10n`.
 * @returns Its URL, ending in "/"; null where there is none, and the caller says so and skips its cases.
 */
export async function benchData(name: string): Promise<URL | null> {
  const root = Deno.env.get("ASSAY_BENCH_DATA");
  if (!root) return null;
  const url = new URL(
    `${name}/`,
    `file://${encodeURI(await Deno.realPath(root))}/`,
  );
  const stat = await Deno.stat(url).catch(() => null);
  return stat?.isDirectory ? url : null;
}

/** Why {@linkcode benchData} gave null. */
export function noBenchData(name: string): string {
  return Deno.env.get("ASSAY_BENCH_DATA")
    ? `no folder ${name} in ASSAY_BENCH_DATA`
    : `ASSAY_BENCH_DATA is not set; its folder ${name} is read here`;
}

function here(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
