/**
 * Runs one process of the platform, and ends it when the supervisor is gone, however it went: the supervisor holds the other end of our
 * stdin. Usage: `deno run run_child.ts <entry module>`. (`--preload` would do, but Deno waits for a preloaded module's open reads.)
 *
 * @module
 */
import { pathToFileURL } from "node:url";

async function untilParentIsGone(): Promise<void> {
  const buffer = new Uint8Array(1);
  try {
    while (await Deno.stdin.read(buffer) !== null);
  } catch { /* a broken pipe says the same */ }
  Deno.exit(0);
}

untilParentIsGone();
await import(pathToFileURL(Deno.args[0]!).href);
