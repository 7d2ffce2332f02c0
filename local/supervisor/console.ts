import { createHash } from "node:crypto";
import { join } from "node:path";
import { ROOT } from "../home.ts";

/** Builds the console into the folder unless its sources are those of the last build; `signal` ends the build. */
export async function buildConsole(
  home: string,
  signal: AbortSignal,
): Promise<void> {
  const out = join(home, "console");
  const digest = await digestOf(join(ROOT, "console"));
  const note = join(home, "console.digest");
  const known = await Deno.readTextFile(note).catch(() => "");
  if (known === digest) return;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      join(ROOT, "console/build.ts"),
      "--out",
      out,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal,
  }).output();
  signal.throwIfAborted();
  if (!success) {
    throw new Error(
      `Cannot build the console: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
  await Deno.writeTextFile(note, digest);
}

async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const add = async (path: string) => {
    const entries = await Array.fromAsync(Deno.readDir(path));
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const inside = join(path, entry.name);
      if (entry.isDirectory) await add(inside);
      else hash.update(entry.name).update(await Deno.readFile(inside));
    }
  };
  await add(folder);
  return hash.digest("hex");
}
