import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOM = fileURLToPath(new URL("../", import.meta.url));
const ROOT = join(ROOM, "..", "..");

/** TypeScript in the README, block by block. */
export async function readmeBlocks(): Promise<string[]> {
  const readme = await Deno.readTextFile(join(ROOM, "README.md"));
  return [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
}

/**
 * Checks and runs a block as it stands, behind what it is said to have.
 *
 * @param folder Where it runs.
 * @returns What it printed.
 */
export async function runBlock(
  folder: string,
  before: string,
  block: string,
  env: Record<string, string>,
): Promise<string> {
  const map = JSON.parse(
    await Deno.readTextFile(join(ROOT, "import_map.json")),
  );
  const imports = Object.fromEntries(
    Object.entries(map.imports as Record<string, string>).filter(([, to]) =>
      to.startsWith("npm:")
    ),
  );
  imports["assay-ml"] = pathToFileURL(join(ROOM, "mod.ts")).href;
  const [mapFile, file] = [join(folder, "map.json"), join(folder, "block.ts")];
  await Deno.writeTextFile(mapFile, JSON.stringify({ imports }));
  await Deno.writeTextFile(file, before + block);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--check", "--no-lock", "--no-config"],
      ...["--import-map", mapFile, file],
    ],
    cwd: folder,
    env,
  }).output();
  const [said, problems] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assert.ok(success, `${block}\n${said}${problems}`);
  return said!;
}
