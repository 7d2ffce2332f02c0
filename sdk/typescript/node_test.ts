import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { skipIf } from "@testing/skip.ts";
import { startFakeServer } from "./testing/fake_server.ts";

const RELEASE = fileURLToPath(
  new URL("../../tools/release.ts", import.meta.url),
);
const TYPES = ["typescript@5.9.3", "@types/node@20.19.43"];

/** What a user writes: every public value and type, in TypeScript that is plain JavaScript but for its types. */
const CONSUMER = `
import {
  AssayError, type JobProgress, type LogOptions, type Outputs, type RankedSample, Run, type RunOptions, type RunSummary,
  type Samples, type Split, startRun,
} from "assay-ml";

const options: RunOptions = { name: "node", labelNames: ["a", "b"], url: process.argv[2]!, apiKey: "k" };
const run: Run = await startRun(options);
const samples: Samples = { ids: [1], labels: ["a"], texts: ["x"], metadata: { folder: ["f"] } };
const split: Split = "training";
const where: LogOptions = { split };
await run.logSamples(samples, where);
const outputs: Outputs = { ids: [1], probs: Float32Array.of(1, 0), epoch: 0 };
await run.logOutputs(outputs);
await run.finish();
const job: JobProgress = await run.wait({ onProgress: ({ stage, fraction }) => [stage.length, fraction.toFixed()] });
export const reasons = (rows: RankedSample[]): string[] => rows.map((row) => row.reason);
export const noise = (summary: RunSummary): number | null => summary.estimated_noise_rate;
const refused = await startRun({ ...options, url: process.argv[3]! }).catch((error: unknown) => error);
if (!(refused instanceof AssayError)) throw new Error("no AssayError");
console.log(job.state, refused.code, refused.status);
`;

/** Misuse that the declarations have to refuse. */
const WRONG = `
import { startRun } from "assay-ml";
const run = await startRun({ name: "node" });
await run.logOutputs({ ids: [1], probs: [1, 0], epoch: 0 });
`;

async function noNpm(): Promise<string | null> {
  for (const program of ["node", "npm"]) {
    try {
      await output(program, ["--version"]);
    } catch {
      return `no ${program}: install Node and npm to test the SDK there`;
    }
  }
  return null;
}

async function output(
  program: string,
  args: string[],
  cwd?: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...cwd === undefined ? {} : { cwd },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.ok(success, said + new TextDecoder().decode(stderr));
  return said.trim();
}

/** A folder with the package installed from its tarball, as a user has it. */
async function installPackage(folder: string): Promise<void> {
  const packed = join(folder, "packed");
  const release = ["--dirty", "--only", "npm", "--out", packed];
  await output(Deno.execPath(), ["run", "-A", RELEASE, ...release]);
  const [tarball] = await Array.fromAsync(Deno.readDir(packed));
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
  const packages = [join(packed, tarball!.name), ...TYPES];
  await output("npm", [...install, ...packages], folder);
}

Deno.test({
  name:
    "the npm package runs on Node, and its declarations check a user's code",
  ...skipIf(await noNpm()),
  async fn(t) {
    const folder = await Deno.makeTempDir();
    try {
      await installPackage(folder);
      const tsc = join(folder, "node_modules", "typescript", "bin", "tsc");
      const check = (file: string, ...options: string[]) =>
        output("node", [
          ...[tsc, "--strict", "--exactOptionalPropertyTypes"],
          ...["--target", "es2022", "--lib", "es2022", "--types", "node"],
          ...[...options, file],
        ], folder);
      await Deno.writeTextFile(join(folder, "consumer.ts"), CONSUMER);
      await Deno.writeTextFile(join(folder, "wrong.ts"), WRONG);

      await t.step("types hold however modules are resolved", async () => {
        const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
        await check("consumer.ts", "--noEmit", ...bundler);
        await check("consumer.ts", "--module", "nodenext");
      });

      await t.step("types refuse what would fail", async () => {
        await assert.rejects(
          check("wrong.ts", "--noEmit", "--module", "nodenext"),
          /wrong\.ts\(3,[^]*labelNames[^]*wrong\.ts\(4,.*Float32Array/,
        );
      });

      await t.step("plain Node logs a run", async () => {
        await using server = startFakeServer();
        await using refusing = startFakeServer();
        refusing.answers.push(
          Response.json({ error: { code: "forbidden", message: "No" } }, {
            status: 403,
          }),
        );
        const script = ["consumer.js", server.url, refusing.url];
        assert.equal(
          await output("node", script, folder),
          "succeeded forbidden 403",
        );
        assert.deepEqual(
          server.seen.map(({ method, query }) => [method, query.kind ?? ""]),
          [
            ["PUT", ""],
            ["POST", "samples"],
            ["POST", "outputs"],
            ["POST", ""],
            ["GET", ""],
          ],
        );
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
