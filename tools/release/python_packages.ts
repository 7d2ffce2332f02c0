import { basename, join } from "node:path";
import { outputOf } from "../command.ts";
import { BUILD_REQUIREMENTS, ensureVenv } from "../python/venv.ts";

/** What lies in a working tree and belongs in no package. */
const LEFT_OUT_REGEXP =
  /^(\.|__pycache__$|build$|dist$|node_modules$|venv$)|\.(egg-info|pyc)$/;

/**
 * Builds the source distribution of the Python SDK from a copy of its folder, and the wheel from that.
 *
 * @param root The checkout.
 * @param out Folder for both.
 * @param onProgress Told when tools have to be installed first.
 * @returns Paths of the wheel and the source distribution.
 * @throws {Error} With what the build said, or that there is no Python.
 */
export async function buildPython(
  root: string,
  out: string,
  onProgress: (line: string) => void = () => {},
): Promise<string[]> {
  const python = await ensureVenv(BUILD_REQUIREMENTS, { onProgress });
  const stage = await Deno.makeTempDir({ prefix: "assay-python-" });
  try {
    const source = join(stage, "source");
    const made = join(stage, "made");
    await copyFolder(join(root, "sdk", "python"), source);
    await Deno.copyFile(join(root, "LICENSE"), join(source, "LICENSE"));
    await outputOf(python, [
      ...["-m", "build", "--no-isolation"],
      ...["--outdir", made, source],
    ]);
    const built: string[] = [];
    for await (const { name } of Deno.readDir(made)) {
      await Deno.copyFile(join(made, name), join(out, name));
      built.push(join(out, name));
    }
    return built.sort((a, b) => basename(b) < basename(a) ? 1 : -1);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (LEFT_OUT_REGEXP.test(name)) continue;
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) await copyFolder(source, target);
    else if (isFile) await Deno.copyFile(source, target);
  }
}
