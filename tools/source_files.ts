import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isTestFile } from "./rooms.ts";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Paths of the TypeScript files of the checkout that are no tests, sorted, relative to it. */
export async function sourceFiles(): Promise<string[]> {
  const files = await Array.fromAsync(typeScriptIn(ROOT.replace(/\/$/, "")));
  return files.map((path) => relative(ROOT, path))
    .filter((path) => !isTestFile(path)).sort();
}

/** Whether `deno test` finds something at a path: any file, or a folder with a test of TypeScript. */
export async function hasDenoTests(path: string): Promise<boolean> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) return true;
  for await (const file of typeScriptIn(path)) {
    if (/_test\.tsx?$/.test(file)) return true;
  }
  return false;
}

async function* typeScriptIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = `${folder}/${name}`;
    if (isDirectory) yield* typeScriptIn(path);
    else if (/\.tsx?$/.test(name)) yield path;
  }
}
