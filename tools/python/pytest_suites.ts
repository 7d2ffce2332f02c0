import { join } from "node:path";
import { ROOT } from "../source_files.ts";
import { parsePytest } from "./pytest_summary.ts";

/** A run of pytest over tests of this repository. */
export interface PytestSuite {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly parse: typeof parsePytest;
}

const SDK = "sdk/python";

/** Whether `deno test` has nothing to do with a path: it is in the Python SDK, or a test of Python's. */
export function isPythonPath(path: string): boolean {
  const plain = plainPath(path);
  return isWithin(plain, SDK) || /\.py(::.*)?$/.test(plain);
}

/**
 * What pytest runs of some paths: the SDK's tests and those of examples, whole or the part asked for.
 *
 * @param paths As given to `deno task test`; none: all.
 * @param root The checkout.
 * @returns Paths relative to it, sorted; none if there is nothing to run.
 */
export async function pytestPaths(
  paths: readonly string[],
  root: string = ROOT,
): Promise<string[]> {
  const all = await testPlaces(root);
  if (paths.length === 0) return all;
  const chosen = new Set<string>();
  for (const path of paths.map(plainPath)) {
    for (const place of all) {
      if (isWithin(place, path)) chosen.add(place);
      else if (isWithin(path, place)) chosen.add(path);
    }
  }
  return [...chosen].sort();
}

/**
 * The suites that run them: the SDK's tests, which its own pyproject.toml configures, and those of examples.
 *
 * @param python Python of the environment for tests.
 * @param paths Of {@linkcode pytestPaths}.
 */
export function pytestSuites(
  python: string,
  paths: readonly string[],
): PytestSuite[] {
  const ofSdk = paths.filter((path) => isWithin(path, SDK));
  const others = paths.filter((path) => !isWithin(path, SDK));
  return ([["Python SDK", ofSdk], ["Examples in Python", others]] as const)
    .filter(([, chosen]) => chosen.length > 0)
    .map(([name, chosen]) => ({
      name,
      program: python,
      args: [
        ...["-m", "pytest", "-rs", "-p", "no:cacheprovider"],
        ...["--import-mode=importlib", ...chosen],
      ],
      env: {
        PYTHONPATH: join(ROOT, SDK, "src"),
        PYTHONDONTWRITEBYTECODE: "1",
        PYTHONUNBUFFERED: "1",
      },
      parse: parsePytest,
    }));
}

/** The folder of the SDK's tests, and every test file of an example. */
async function testPlaces(root: string): Promise<string[]> {
  const places: string[] = [];
  const visit = async (folder: string, found: RegExp) => {
    const entries = await Array.fromAsync(Deno.readDir(join(root, folder)))
      .catch(() => []);
    for (const { name, isDirectory } of entries) {
      const path = `${folder}/${name}`;
      if (found.test(path)) places.push(path);
      else if (isDirectory && !name.startsWith(".")) await visit(path, found);
    }
  };
  await visit(SDK, /^sdk\/python\/tests$/);
  await visit("examples", /\/(test_[^/]*|[^/]*_test)\.py$/);
  return places.sort();
}

function plainPath(path: string): string {
  return path.replace(/^\.\//, "").replace(/\/+$/, "");
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) ||
    path.startsWith(`${folder}::`) || folder === "" || folder === ".";
}
