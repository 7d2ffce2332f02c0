import { createHash } from "node:crypto";
import {
  type Installation,
  loadInstallation,
} from "../../local/installation.ts";
import { type Platform, startPlatform } from "../../local/supervisor/mod.ts";

/** Runs `body` with a platform of its own, as `deno task start` runs it, and leaves nothing behind. */
export async function withPlatform<T>(
  body: (platform: Platform, installation: Installation) => Promise<T>,
): Promise<T> {
  const home = await Deno.makeTempDir({ prefix: "assay-limits-" });
  await Deno.chmod(home, 0o711); // as root, PostgreSQL runs as a user of its own
  try {
    const platform = await startPlatform({ home, port: 0, isAnnounced: false });
    try {
      return await body(platform, await loadInstallation(home));
    } finally {
      await platform.stop();
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Bytes that no codec makes smaller, the same for the same seed. */
export function noise(nBytes: number, seed: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    createHash("shake256", { outputLength: nBytes }).update(seed).digest(),
  );
}

/** Value below which a share of the values lies. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.floor(share * sorted.length))
  ] ??
    NaN;
}
