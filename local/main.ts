/**
 * `deno task start`: the whole platform on this machine, until Ctrl-C.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { AlreadyRunning, startPlatform } from "./supervisor/mod.ts";

const HELP = `Starts Assay on this machine and keeps it running until Ctrl-C.

  deno task start [--json] [--until-stdin-closes]

Environment: ASSAY_HOME (folder of the state, default .assay), ASSAY_PORT (default 54321 if it is free), ASSAY_DATABASE_PORT,
DATABASE_URL (a PostgreSQL of your own, as its superuser), ASSAY_DEVICE (auto, cpu, webgpu, cuda).`;

const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      json: { type: "boolean", default: false },
      "until-stdin-closes": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    print(HELP);
    return 0;
  }
  const startedAt = performance.now();
  const say = (event: string, facts: Record<string, unknown>, text: string) =>
    print(values.json ? JSON.stringify({ event, ...facts }) : text);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const asked = new Promise<null>((resolve) =>
    stopping.signal.addEventListener("abort", () => resolve(null))
  );
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
  if (values["until-stdin-closes"]) untilStdinCloses().then(stop);
  let platform;
  try {
    platform = await startPlatform({
      signal: stopping.signal,
      onEvent: (event, name) => say(event, { name }, `  ${event} ${name}`),
    });
  } catch (error) {
    if (error instanceof AlreadyRunning && error.state) {
      const { url, apiKey, loginUrl, processes } = error.state;
      say(
        "running",
        { url, api_key: apiKey, login_url: loginUrl, processes },
        `${error.message}\n\n  Console  ${loginUrl}`,
      );
      return 3;
    }
    if (stopping.signal.aborted) {
      say("stopped", {}, "Stopped.");
      return 0;
    }
    say(
      "failed",
      { message: (error as Error).message },
      (error as Error).message,
    );
    return 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { url, apiKey, loginUrl, projectId, processes } = platform;
  say(
    "ready",
    {
      url,
      api_key: apiKey,
      login_url: loginUrl,
      project_id: projectId,
      processes,
      seconds,
    },
    `
Assay is ready after ${seconds.toFixed(1)} s.

  Console   ${loginUrl}
  API       ${url}/functions/v1
  SQL       deno task sql
  Key       SDKs on this machine find it by themselves; \`deno task project --name NAME\` makes another

Ctrl-C stops it; the data stays.`,
  );
  const reason = await Promise.race([asked, platform.failed]);
  if (reason !== null) say("failed", { message: reason }, reason);
  await platform.stop();
  say("stopped", {}, "Stopped.");
  return reason === null ? 0 : 1;
}

async function untilStdinCloses(): Promise<void> {
  const buffer = new Uint8Array(1024);
  while (await Deno.stdin.read(buffer) !== null);
}

Deno.exit(await main());
