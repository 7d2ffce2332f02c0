/**
 * Bundles npm packages out of Deno's cache: with `nodeModulesDir: none` there is no folder esbuild could walk.
 *
 * @module
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";

// Loaded so that `import.meta.resolve` knows their place in the cache.
import "preact";
import "preact/hooks";
import "preact/jsx-runtime";
import "@preact/signals";

type Exports = string | { readonly [condition: string]: Exports };

const ROOM = fileURLToPath(new URL(".", import.meta.url));
const CONDITIONS = ["browser", "import", "default"] as const;

/** The file an `exports` entry names for a browser; null if it names none. */
export function pickExport(entry: Exports | undefined): string | null {
  if (entry === undefined || typeof entry === "string") return entry ?? null;
  for (const condition of CONDITIONS) {
    const picked = pickExport(entry[condition]);
    if (picked !== null) return picked;
  }
  return null;
}

/** Resolves bare imports through the import map, and those of packages through the packages' own dependencies. */
export const denoCache: Plugin = {
  name: "deno-cache",
  setup(build) {
    build.onResolve({ filter: /^[@a-z]/ }, ({ path, importer, kind }) => {
      if (kind === "entry-point") return null;
      const own = importer.startsWith(ROOM);
      const file = own
        ? fileURLToPath(import.meta.resolve(path))
        : createRequire(pathToFileURL(importer)).resolve(path);
      return { path: moduleFile(file, path) };
    });
  },
};

/** `require` finds the CommonJS file; this is the module beside it. */
function moduleFile(file: string, specifier: string): string {
  const parts = specifier.split("/");
  const subpath = parts.slice(specifier.startsWith("@") ? 2 : 1).join("/");
  const root = packageRoot(file);
  const { exports } = JSON.parse(
    Deno.readTextFileSync(join(root, "package.json")),
  ) as { exports?: Record<string, Exports> };
  const picked = pickExport(exports?.[subpath ? `./${subpath}` : "."]);
  return picked === null ? file : join(root, picked);
}

function packageRoot(file: string): string {
  for (let dir = dirname(file); dir !== dirname(dir); dir = dirname(dir)) {
    try {
      const manifest = JSON.parse(
        Deno.readTextFileSync(join(dir, "package.json")),
      );
      if (typeof manifest.name === "string" && manifest.exports) return dir;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`Cannot bundle "${file}" as it lies in no package`);
}
