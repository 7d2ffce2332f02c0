import assert from "node:assert/strict";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { skipIf } from "@testing/skip.ts";
import { startFakeServer } from "./testing/fake_server.ts";

/** Why there is no Node to run on; null if there is one. */
async function noNode(): Promise<string | null> {
  const version = await new Deno.Command("node", { args: ["--version"] })
    .output().catch(() => null);
  return version?.success ? null : "no Node: install it to test the SDK there";
}

Deno.test("the SDK runs on Node", skipIf(await noNode()), async () => {
  await using server = startFakeServer();
  const folder = await Deno.makeTempDir();
  try {
    await esbuild.build({
      stdin: {
        contents: `
          import { startRun } from "./mod.ts";
          const run = await startRun({ name: "node", labelNames: ["a", "b"], url: process.argv[2], apiKey: "k" });
          await run.logOutputs({ ids: [1], probs: Float32Array.of(1, 0), epoch: 0 });
          await run.finish();
          console.log((await run.wait()).state);`,
        resolveDir: new URL(".", import.meta.url).pathname,
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: join(folder, "run.mjs"),
      alias: {
        "@uwdata/flechette":
          new URL(import.meta.resolve("@uwdata/flechette")).pathname,
      },
      logLevel: "silent",
    });
    const { success, stdout, stderr } = await new Deno.Command("node", {
      args: [join(folder, "run.mjs"), server.url],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout).trim(), "succeeded");
    assert.deepEqual(server.seen.map((r) => r.method), [
      "PUT",
      "POST",
      "POST",
      "GET",
    ]);
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
