import { join } from "node:path";
import { LABEL_NAMES, makeRows, type Workload } from "./workload.ts";
import type { World } from "./world.ts";

/** A process that logs a run. */
export interface Training {
  readonly pid: number;
  /** Milliseconds since 1970; null: it was ended before. */
  openedAt: number | null;
}

/** What a training logs, and with which SDK. */
export interface Trained {
  readonly runId: string;
  readonly workload: Workload;
  /** Python of the Python SDK; null: TypeScript. */
  readonly python: string | null;
}

const ROOT = new URL("../..", import.meta.url).pathname;

/** Runs the training, again when it was ended, until the run is scored. Returns why it is not. */
export async function train(
  world: World,
  trained: Trained,
  trainings: Training[],
  signal: AbortSignal,
): Promise<string | null> {
  const { faults } = world;
  const note = join(faults, "clients", trained.runId);
  const [program, args] = await commandOf(world, trained);
  while (true) {
    const child = new Deno.Command(program, {
      args,
      cwd: ROOT,
      env: {
        ASSAY_FAULT_DIR: faults,
        ASSAY_SPOOL: join(faults, "spool"),
        PYTHONPATH: join(ROOT, "sdk/python/src"),
        PYTHONDONTWRITEBYTECODE: "1",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).spawn();
    const training: Training = { pid: child.pid, openedAt: null };
    trainings.push(training);
    await Deno.writeTextFile(note, String(child.pid));
    const said = new Response(child.stderr).text();
    for await (const _ of child.stdout) {
      training.openedAt = Date.now();
    }
    const { code, signal: ending } = await child.status;
    await Deno.remove(note);
    if (code === 0) return null;
    if (signal.aborted) return "not ended in time";
    if (ending !== "SIGKILL") {
      const [line = "", ...rest] = (await said).trim().split("\n");
      return `the training failed: ${[line, ...rest.slice(0, 2)].join(" ")}`;
    }
  }
}

async function commandOf(
  { platform, faults, modelId }: World,
  { runId, workload, python }: Trained,
): Promise<[string, string[]]> {
  const { url, apiKey } = platform;
  const server = { url, apiKey, runId };
  if (python === null) {
    const words = JSON.stringify({ ...server, workload, modelId });
    const client = join(ROOT, "tools/faults/client.ts");
    return [Deno.execPath(), ["run", "-A", "--quiet", client, words]];
  }
  const rows = join(faults, `rows-${runId}.json`);
  const text = JSON.stringify(
    { labelNames: LABEL_NAMES, ...makeRows(workload) },
    (_, value) => value instanceof Float32Array ? [...value] : value,
  );
  await Deno.writeTextFile(rows, text);
  const client = join(ROOT, "tools/faults/client.py");
  return [python, [client, JSON.stringify({ ...server, rows })]];
}
