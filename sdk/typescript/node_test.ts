import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { skipIf } from "@testing/skip.ts";
import { noChromium } from "@testing/chromium.ts";
import { runInChromium } from "./testing/chromium.ts";
import { layCutLine } from "./testing/cut_line.ts";
import { startFakeModels } from "./testing/fake_models.ts";
import { startFakeServer } from "./testing/fake_server.ts";

const RELEASE = fileURLToPath(
  new URL("../../tools/release.ts", import.meta.url),
);
const TYPES = ["typescript@5.9.3", "@types/node@20.19.43"];

/** What a user writes: every public value and type, in TypeScript that is plain JavaScript but for its types. */
const CONSUMER = `
import {
  AssayError, Audit, audit, type AuditAnswer, type AuditCallOptions, type AuditOptions, AuditResult, type AuditSample, type ImagePreprocessing,
  type Interval, type JobProgress, type LabelPairs, type LogOptions, type Model, type ModelDescription, type ModelOptions, type ModelSource,
  type Outputs, type RankedSample, rescore, type RescoreOptions, Rescoring, type RevisionDifference, Run, type RunFilter, type RunOptions,
  type RunSummary, type Samples, type Split, startRun, type UploadProgress, uploadModel,
} from "assay-ml";

const options: RunOptions = { name: "node", labelNames: ["a", "b"], url: process.argv[2]!, apiKey: "k" };
const run: Run = await startRun(options);
const samples: Samples = { ids: [1], labels: ["a"], texts: ["x"], metadata: { folder: ["f"] } };
const split: Split = "training";
const logged: LogOptions = { split };
await run.logSamples(samples, logged);
const outputs: Outputs = { ids: [1], probs: Float32Array.of(1, 0), epoch: 0 };
await run.logOutputs(outputs);
await run.finish();
const job: JobProgress = await run.wait({ onProgress: ({ stage, fraction }) => [stage.length, fraction.toFixed()] });
export const reasons = (rows: RankedSample[]): string[] => rows.map((row) => row.reason);
export const noise = (summary: RunSummary): number | null => summary.estimated_noise_rate;
const where = { url: process.argv[2]!, apiKey: "k" };
const preprocessing: ImagePreprocessing = { width: 2, height: 2 };
const net: ModelDescription = { inputKind: "image", classNames: ["a", "b"], preprocessing };
const sizes: number[] = [];
const onProgress = ({ sentBytes }: UploadProgress): void => void sizes.push(sentBytes);
const modelOptions: ModelOptions = { ...net, ...where, onProgress, signal: new AbortController().signal };
const sources: ModelSource[] = ["net.onnx", new Blob([Uint8Array.of(1)]), new Blob([Uint8Array.of(1)]).stream()];
let model: Model | undefined;
for (const source of sources) model = await uploadModel(source, modelOptions);
const rescoreOptions: RescoreOptions = { ...where, modelId: model! };
const filter: RunFilter = { projectId: "p" };
export const again = (): Promise<Rescoring> => rescore(filter, rescoreOptions);
export const changed = ({ rows }: RevisionDifference): string[] => rows.map((row) => row.sample_id);
const auditOptions: AuditOptions = { ...where, nSamples: 30 };
const drawn: Audit = await audit("r", auditOptions);
const pairs: LabelPairs = drawn.samples.map((sample: AuditSample) => [sample, sample.given_label]);
const call: AuditCallOptions = {};
await drawn.judge(pairs, call);
await drawn.judge({});
const result: AuditResult = await drawn.result();
const ends: Interval | null = result.n_errors_interval;
export const answered = ({ answer }: AuditAnswer): boolean => answer !== null && ends !== null;
const refused = await startRun({ ...options, url: process.argv[3]! }).catch((error: unknown) => error);
if (!(refused instanceof AssayError)) throw new Error("no AssayError");
console.log(job.state, refused.code, refused.status, sizes.join(), model!.model_id, String(result));
`;

/** A model that goes in pieces. */
const LARGE = `
import { uploadModel } from "assay-ml";
const options = { url: process.argv[2], apiKey: "k", inputKind: "text", classNames: ["a"] };
await uploadModel(new Uint8Array(20_000_000).fill(7), options);
`;

/** The same from a page, and what a page cannot do. */
const IN_BROWSER = `
import { uploadModel } from "assay-ml";
const model = { apiKey: "k", inputKind: "text", classNames: ["a"] };
export async function main() {
  const here = { ...model, url: location.origin };
  await uploadModel(new Blob([new Uint8Array(20_000_000).fill(7)]), here);
  const failures = [uploadModel(Uint8Array.of(1), model), uploadModel("/net.onnx", here)];
  return (await Promise.all(failures.map((call) => call.catch((error) => error.message)))).join("; ");
}
`;

/** Misuse that the declarations have to refuse. */
const WRONG = `
import { audit, startRun, uploadModel } from "assay-ml";
const run = await startRun({ name: "node" });
await run.logOutputs({ ids: [1], probs: [1, 0], epoch: 0 });
await uploadModel("net.onnx", { inputKind: "sound", classNames: ["a"] });
await (await audit("r")).judge({ a: 1 });
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
      await Deno.writeFile(join(folder, "net.onnx"), Uint8Array.of(1, 2));

      await t.step("types hold however modules are resolved", async () => {
        const bundler = ["--module", "esnext", "--moduleResolution", "bundler"];
        await check("consumer.ts", "--noEmit", ...bundler);
        await check("consumer.ts", "--module", "nodenext");
      });

      await t.step("types refuse what would fail", async () => {
        await assert.rejects(
          check("wrong.ts", "--noEmit", "--module", "nodenext"),
          /wrong\.ts\(3,[^]*labelNames[^]*wrong\.ts\(4,.*Float32Array[^]*wrong\.ts\(5,.*sound[^]*wrong\.ts\(6,/,
        );
      });

      await t.step(
        "plain Node logs a run, stores models and audits",
        async () => {
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
            "succeeded forbidden 403 0,2,0,1,0,1 model-1 0 judged; 30 more are needed for a number",
          );
          assert.deepEqual(
            server.seen.map(({ method, query }) => [method, query.kind ?? ""]),
            [
              ["PUT", ""],
              ["POST", "samples"],
              ["POST", "outputs"],
              ["POST", ""],
              ["GET", ""],
              ...Array(3).fill([["GET", ""], ["PUT", ""], ["PUT", ""]]).flat(),
              ["POST", ""],
              ["GET", ""],
              ["GET", ""],
            ],
          );
          const sent = server.seen.filter(({ path }) =>
            path.endsWith("/bytes")
          );
          assert.deepEqual(sent.map(({ body }) => [...body]), [[1, 2], [1], [
            1,
          ]]);
        },
      );

      await t.step("plain Node goes on after a cut", async () => {
        await using server = startFakeModels();
        await using line = layCutLine(server.url);
        line.cutAfter(10_000_000);
        await Deno.writeTextFile(join(folder, "large.js"), LARGE);
        assert.equal(await output("node", ["large.js", line.url], folder), "");
        assert.equal(line.cuts, 1);
        assert.deepEqual(
          [...server.stored.values()],
          [new Uint8Array(20_000_000).fill(7)],
        );
      });

      await t.step({
        name: "a browser goes on after a cut",
        ...skipIf(noChromium()),
        async fn() {
          await using server = startFakeModels();
          await using line = layCutLine(server.url);
          line.cutAfter(10_000_000);
          const page = `${line.url}/functions/v1/api/v1/me`;
          assert.deepEqual(
            await runInChromium(folder, IN_BROWSER, page),
            "Cannot find an Assay server as a browser knows of none: give url and apiKey; Cannot read a model's file here: give its bytes, or a Blob",
          );
          assert.equal(line.cuts, 1);
          assert.deepEqual(
            [...server.stored.values()],
            [new Uint8Array(20_000_000).fill(7)],
          );
        },
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
