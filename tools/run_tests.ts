/**
 * `deno task test [PATH ...]`: all tests of the checkout, or those of some paths.
 *
 * Starts both databases once, runs the tests, the examples of doc comments, the edge on the Deno that Supabase runs it on, and the tests of
 * the Python SDK in an environment of their own. Prints why tests were skipped, then one last line `N passed, N failed, N skipped`. In CI
 * (`CI=true`) a skipped test is a failure.
 *
 * @module
 */
import { join } from "node:path";
import { deno21 } from "./deno_2_1.ts";
import {
  isPythonPath,
  pytestPaths,
  pytestSuites,
} from "./python/pytest_suites.ts";
import { ensureVenv, TEST_REQUIREMENTS } from "./python/venv.ts";
import { hasDenoTests, ROOT, sourceFiles } from "./source_files.ts";
import {
  failureReport,
  parseSummary,
  sumCounts,
  type TestCounts,
} from "./test_summary.ts";
import { startTestServers } from "./testing/servers.ts";

/** One run of `deno test`, or of what else tests. */
interface Suite {
  readonly name: string;
  readonly program?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Reads what it printed. */
  readonly parse?: (
    output: string,
    code: number,
  ) => TestCounts & { readonly reasons?: readonly string[] };
}

/** Rooms that run on Supabase's edge runtime. */
const EDGE = ["functions", "shared"];
const EDGE_ROOTS = ["functions/ingest/index.ts", "functions/api/index.ts"];

/** A suite that takes longer hangs. */
const SUITE_LIMIT_MS = 35 * 60_000;

/** What suites said of their failures: printed once more at the end, where whoever reads only the end of a log finds it. */
const failures: string[] = [];

const skips = await Deno.makeTempFile({ prefix: "assay-skips-" });
const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => ended.abort());
}
const counts = sumCounts([
  await runOnDatabases(await denoSuites(Deno.args)),
  await runAll(await pythonSuites(Deno.args), {}),
]);
const reasons = (await Deno.readTextFile(skips)).split("\n").filter(Boolean);
await Deno.remove(skips);
const isStrict = Deno.env.get("CI") === "true";
const skipped = Math.max(counts.skipped, reasons.length > 0 ? 1 : 0);
for (const reason of new Set(reasons)) print(`skipped: ${reason}`);
if (isStrict && skipped > 0) print("In CI a skipped test is a failed one.");
const failed = counts.failed + (isStrict ? skipped : 0);
const hasRun = counts.passed + counts.failed + skipped > 0;
for (const failure of failures) print(`\n${failure}\n`);
if (!hasRun) print("There is no test in these paths.");
print(`${counts.passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(failed > 0 || !hasRun || ended.signal.aborted ? 1 : 0);

async function runOnDatabases(suites: readonly Suite[]): Promise<TestCounts> {
  if (suites.length === 0) return sumCounts([]);
  const servers = await startTestServers();
  try {
    const engines = JSON.stringify(servers.urls);
    return await runAll(suites, { ASSAY_TEST_ENGINES: engines });
  } finally {
    await servers.stop();
  }
}

async function runAll(
  suites: readonly Suite[],
  env: Record<string, string>,
): Promise<TestCounts> {
  const results: TestCounts[] = [];
  for (const suite of suites) {
    if (ended.signal.aborted) break;
    print(`\n${suite.name}`);
    results.push(await run(suite, { ...env, ASSAY_TEST_SKIPS: skips }));
  }
  return sumCounts(results);
}

async function denoSuites(given: readonly string[]): Promise<Suite[]> {
  const paths: string[] = [];
  for (const path of given) {
    if (isPythonPath(path)) continue;
    const isOfPython = (await pytestPaths([path])).length > 0 &&
      !await hasDenoTests(join(ROOT, path));
    if (!isOfPython) paths.push(path);
  }
  if (given.length > 0 && paths.length === 0) return [];
  const tests = { name: "Tests", args: ["test", "-A", ...paths] };
  if (given.length > 0) return [tests];
  const all: Suite[] = [tests, {
    name: "Examples of doc comments",
    args: ["test", "-A", "--doc", ...await filesWithExamples()],
  }];
  try {
    const program = await deno21();
    // 2.9 trusts what the system trusts, 2.1 must be told.
    const env = { DENO_TLS_CA_STORE: "mozilla,system" };
    all.push({
      name: "Types of the edge on Deno 2.1",
      program,
      args: ["check", "--no-lock", ...EDGE_ROOTS],
      env,
    }, {
      name: "The edge on Deno 2.1",
      program,
      args: ["test", "-A", "--no-lock", "--no-check", ...EDGE], // what tests import needs newer types
      env,
    });
  } catch (error) {
    await noteSkip((error as Error).message);
  }
  return all;
}

async function pythonSuites(given: readonly string[]): Promise<Suite[]> {
  const paths = await pytestPaths(given);
  if (paths.length === 0 || ended.signal.aborted) return [];
  try {
    const python = await ensureVenv(TEST_REQUIREMENTS, {
      onProgress: (line) => print(`Python: ${line}`),
      signal: ended.signal,
    });
    return pytestSuites(python, paths);
  } catch (error) {
    if (!ended.signal.aborted) await noteSkip((error as Error).message);
    return [];
  }
}

async function noteSkip(reason: string): Promise<void> {
  const line = reason.trim().replace(/\s*\n\s*/g, " ");
  await Deno.writeTextFile(skips, line + "\n", { append: true });
}

async function filesWithExamples(): Promise<string[]> {
  const files: string[] = [];
  for (const file of await sourceFiles()) {
    const text = await Deno.readTextFile(join(ROOT, file));
    if (/^ \* ```ts/m.test(text)) files.push(file);
  }
  return files;
}

/** Runs a suite, showing what it prints as it comes. */
async function run(
  { name, program = Deno.execPath(), args, env: ownEnv, parse = parseSummary }:
    Suite,
  env: Record<string, string>,
): Promise<TestCounts> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: ROOT,
    env: { ...env, ...ownEnv },
    stdin: "null",
    stdout: "piped",
    signal: AbortSignal.any([
      ended.signal,
      AbortSignal.timeout(SUITE_LIMIT_MS),
    ]),
  }).spawn();
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stdout) {
    Deno.stdout.writeSync(chunk);
    output = (output + decoder.decode(chunk, { stream: true })).slice(-200_000);
  }
  const { code, signal } = await child.status;
  if (signal) print(`\nThe tests were ended by ${signal}.`);
  const { reasons = [], ...counts } = parse(output, code);
  for (const reason of reasons) await noteSkip(reason);
  if (counts.failed > 0) {
    const report = failureReport(output) ||
      `ended with ${signal ?? `code ${code}`}; what it said stands above`;
    failures.push(`Failed: ${name}\n${report}`);
  }
  return counts;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}
