/**
 * `deno task release [--dirty] [--only npm|python] [--out FOLDER]`: builds what is published, and publishes nothing.
 *
 * Checks that every package and CHANGELOG.md have one version and that the tree is clean, writes the npm tarball of the TypeScript SDK, the
 * wheel and the source distribution of the Python SDK into `dist/`, and prints the commands that would publish them.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkClean } from "./release/check_clean.ts";
import { packNpm } from "./release/npm_package.ts";
import { buildPython } from "./release/python_packages.ts";
import {
  disagreement,
  newestEntry,
  readVersions,
  type Target,
} from "./release/versions.ts";
import { ROOT } from "./source_files.ts";

/** What the command line says. */
interface Wishes {
  readonly dirty: boolean;
  readonly targets: readonly Target[];
  readonly out: string;
}

const TARGETS: readonly Target[] = ["npm", "python"];

try {
  await release(wishes());
} catch (error) {
  print(`error: ${(error as Error).message}`);
  Deno.exit(1);
}

function wishes(): Wishes {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      dirty: { type: "boolean", default: false },
      only: { type: "string" },
      out: { type: "string", default: join(ROOT, "dist") },
    },
  });
  const { dirty, only, out } = values;
  const targets = TARGETS.filter((target) => !only || only === target);
  if (targets.length === 0) {
    throw new RangeError(
      `Cannot build as --only must be ${
        TARGETS.join(" or ")
      }: current value is ${only}`,
    );
  }
  return { dirty, targets, out: resolve(out) };
}

async function release({ dirty, targets, out }: Wishes): Promise<void> {
  const problem = disagreement(await readVersions(ROOT, targets));
  if (problem) throw new Error(problem);
  if (!dirty) await checkClean(ROOT);
  await Deno.mkdir(out, { recursive: true });
  const npm = targets.includes("npm") ? [await packNpm(ROOT, out)] : [];
  const python = targets.includes("python")
    ? await buildPython(ROOT, out, (line) => print(`Python: ${line}`))
    : [];

  print("Built:");
  for (const path of [...npm, ...python]) {
    const { size } = await Deno.stat(path);
    print(`  ${shown(path)}  ${(size / 1000).toFixed(0)} kB`);
  }
  const { version, date } = newestEntry(
    await Deno.readTextFile(join(ROOT, "CHANGELOG.md")),
  );
  print("Nothing is published. To publish:");
  if (!date) {
    print(`  (first, write the day of ${version} into CHANGELOG.md)`);
  }
  if (npm[0]) print(`  npm publish ${shown(npm[0])}`);
  if (python.length > 0) {
    print(`  pipx run twine upload ${python.map(shown).join(" ")}`);
  }
  print(`  git tag v${version} && git push origin v${version}`);
}

/** A path as commands take it: npm reads `dist/x.tgz` without a dot as a repository's name. */
function shown(path: string): string {
  const short = relative(Deno.cwd(), path);
  return short.startsWith("..") ? path : `./${short}`;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}
