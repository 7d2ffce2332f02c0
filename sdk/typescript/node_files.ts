/** Files of this machine, as Node and Deno have them. */
export interface NodeFiles {
  readonly fs: typeof import("node:fs/promises");
  readonly os: typeof import("node:os");
  readonly path: typeof import("node:path");
}

/** Files of this machine; null in a browser. Each import has its own `catch()`: only then bundlers take it that there may be none. */
export async function nodeFiles(): Promise<NodeFiles | null> {
  const none = () => null;
  const fs = await import("node:fs/promises").catch(none);
  const os = await import("node:os").catch(none);
  const path = await import("node:path").catch(none);
  const isThere = typeof fs?.readFile === "function"; // some bundlers put something empty there
  return isThere && os && path ? { fs, os, path } : null;
}
