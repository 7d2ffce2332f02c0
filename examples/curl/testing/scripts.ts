import assert from "node:assert/strict";
import { type Platform, startPlatform } from "@testing/platform.ts";

/** A platform of its own, and the scripts of this folder run against it. */
export interface Scripts {
  readonly platform: Platform;
  /** Folder of the platform; goes with it. */
  readonly home: string;
  /**
   * Runs a script by its name.
   *
   * @returns What it printed; fails with what it complained of if it did not end well.
   */
  run(script: string, ...args: string[]): Promise<string>;
}

/** Starts a platform, hands the scripts to a test, and leaves nothing behind. */
export async function withScripts(
  use: (scripts: Scripts) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "assay-curl-" });
  await Deno.chmod(home, 0o755); // the database may have to run as another user
  const platform = await startPlatform({ home, port: 0, isAnnounced: false });
  const run = async (script: string, ...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: [new URL(`../${script}`, import.meta.url).pathname, ...args],
      env: { ASSAY_URL: platform.url, ASSAY_API_KEY: platform.apiKey },
    }).output();
    const [out, problems] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assert.ok(success, problems! + out);
    return out!;
  };
  try {
    await use({ platform, home, run });
  } finally {
    await platform.stop();
    await Deno.remove(home, { recursive: true });
  }
}
