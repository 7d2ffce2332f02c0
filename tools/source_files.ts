import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isTestFile } from "./rooms.ts";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Paths of the TypeScript files of the checkout that are no tests, sorted, relative to it. */
export async function sourceFiles(): Promise<string[]> {
  const files: string[] = [];
  const visit = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.startsWith(".") || name === "node_modules") continue;
      const path = `${folder}/${name}`;
      if (isDirectory) await visit(path);
      else if (/\.tsx?$/.test(name)) files.push(relative(ROOT, path));
    }
  };
  await visit(ROOT.replace(/\/$/, ""));
  return files.filter((path) => !isTestFile(path)).sort();
}
