import { outputOrNull } from "../command.ts";

/** Names under which a Python may be found, best first. */
const NAMES = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python",
];

const ASK = `import sys, ensurepip, venv
assert sys.implementation.name == "cpython" and sys.version_info >= (3, 10)
print(sys.executable, "%d.%d.%d" % sys.version_info[:3], sep="\\n")`;

/** A CPython that can make virtual environments. */
export interface Python {
  /** Path of the program. */
  readonly path: string;
  /** Such as `3.12.1`. */
  readonly version: string;
}

/**
 * The first CPython 3.10 or later that has `venv` and `ensurepip`; null if there is none.
 *
 * @param names Programs to ask, best first.
 */
export async function findPython(
  names: readonly string[] = NAMES,
): Promise<Python | null> {
  for (const name of names) {
    const answer = await outputOrNull(name, ["-c", ASK]);
    if (answer === null) continue;
    const [path, version] = answer.split(/\r?\n/);
    return { path: path!, version: version! };
  }
  return null;
}

/** Why nothing of Python's can run here; null if it can. */
export async function noPython(
  names: readonly string[] = NAMES,
): Promise<string | null> {
  return await findPython(names)
    ? null
    : "no CPython 3.10 or later with venv: install python3 and python3-venv to test the Python SDK";
}
