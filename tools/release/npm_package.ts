import { join } from "node:path";
import { outputOf } from "../command.ts";
import { isTestFile } from "../rooms.ts";

const ROOM = "sdk/typescript";

/** npm without what a build does not need. */
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

/**
 * Builds the npm package of the TypeScript SDK, by TypeScript itself, in a folder of its own. Its package.json lives in a folder beside
 * the sources, for Deno would resolve their imports, and look for tasks, by one among them.
 *
 * @param root The checkout.
 * @param out Folder for the tarball.
 * @returns Path of the tarball.
 * @throws {Error} With what npm or TypeScript said.
 */
export async function packNpm(root: string, out: string): Promise<string> {
  const stage = await Deno.makeTempDir({ prefix: "assay-npm-" });
  try {
    for (const path of ["LICENSE", "CHANGELOG.md", `${ROOM}/README.md`]) {
      await copyInto(stage, join(root, path));
    }
    for await (const { name } of Deno.readDir(join(root, ROOM, "npm"))) {
      await copyInto(stage, join(root, ROOM, "npm", name));
    }
    const src = join(stage, "src");
    await Deno.mkdir(src);
    for await (const { name, isFile } of Deno.readDir(join(root, ROOM))) {
      const isSource = isFile && name.endsWith(".ts") && !isTestFile(name);
      if (isSource) await copyInto(src, join(root, ROOM, name));
    }
    const npm = (...args: string[]) =>
      outputOf("npm", [...args, ...QUIET], { cwd: stage });
    await npm("install", "--ignore-scripts", "--prefer-offline");
    await npm("run", "build");
    const packed = await npm("pack", "--json", "--pack-destination", out);
    return join(out, JSON.parse(packed)[0].filename);
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

function copyInto(folder: string, path: string): Promise<void> {
  return Deno.copyFile(path, join(folder, path.split("/").at(-1)!));
}
