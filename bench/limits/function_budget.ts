import { MAX_PART_BYTES } from "../../functions/_shared/receive.ts";
import { type Installation, serviceKey } from "../../local/installation.ts";
import { freePort } from "../../local/supervisor/ports.ts";
import type { Platform } from "../../local/supervisor/mod.ts";
import { deno21 } from "../../tools/deno_2_1.ts";
import { noise } from "./platform.ts";
import { cpuSeconds, forgetPeak, memoryMb } from "./processes.ts";

/** What the largest parts cost the function that takes them. */
export interface FunctionBudget {
  /** Version of the Deno it ran on. */
  readonly deno: string;
  /** Seconds of CPU of each upload of 32 MB, one after the other. */
  readonly cpuSeconds: readonly number[];
  /** Memory before any upload, in MB. */
  readonly idleMb: number;
  /** The most that eight uploads of 32 MB at once added to it, in MB. */
  readonly growthMb: number;
}

const ONE_BY_ONE = 5;
const AT_ONCE = 8;

/** Sends parts of 32 MB to ingest on the Deno that hosted functions run on, eight at once and then one by one. */
export async function measureFunction(
  platform: Platform,
  installation: Installation,
): Promise<FunctionBudget> {
  const ingest = await startIngest(platform, installation);
  try {
    const { pid, url, version: deno } = ingest;
    const authorization = `Bearer ${platform.apiKey}`;
    const runId = crypto.randomUUID();
    await answered(
      await fetch(`${url}/runs/${runId}`, {
        method: "PUT",
        headers: { authorization },
        body: '{"label_names":["a"]}',
      }),
    );
    const body = noise(MAX_PART_BYTES, "part");
    let seq = 0;
    const upload = async () => {
      const at = seq++;
      await answered(
        await fetch(
          `${url}/runs/${runId}/parts?kind=samples&split=training&seq=${at}`,
          {
            method: "POST",
            headers: {
              authorization,
              "idempotency-key": `part-${at}`,
              "content-type": "application/x-ndjson",
            },
            body,
          },
        ),
      );
    };
    await forgetPeak(pid);
    const { now: idleMb } = await memoryMb(pid);
    await Promise.all(Array.from({ length: AT_ONCE }, upload));
    const { peak } = await memoryMb(pid);
    const cpu: number[] = [];
    for (let i = 0; i < ONE_BY_ONE; i++) {
      const before = await cpuSeconds(pid);
      await upload();
      cpu.push(await cpuSeconds(pid) - before);
    }
    return { deno, cpuSeconds: cpu, idleMb, growthMb: peak - idleMb };
  } finally {
    await ingest.stop();
  }
}

async function startIngest(platform: Platform, installation: Installation) {
  const program = await deno21();
  const port = freePort();
  const databaseUrl = new URL(platform.databaseUrl);
  databaseUrl.username = "assay_edge";
  databaseUrl.password = installation.passwords.assay_edge;
  const process = new Deno.Command(program, {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-lock", // 2.1 cannot read the one of 2.9
      new URL("./ingest_entry.ts", import.meta.url).pathname,
    ],
    env: {
      DENO_TLS_CA_STORE: "mozilla,system",
      PORT: String(port),
      DATABASE_URL: databaseUrl.href,
      SUPABASE_URL: platform.url,
      SUPABASE_SERVICE_ROLE_KEY: await serviceKey(installation),
      QSTASH_URL: "http://127.0.0.1:1", // nothing is finished here
      QSTASH_TOKEN: "none",
      WORKER_URL: "http://127.0.0.1:1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}/ingest/v1`;
  const stop = async () => {
    process.kill("SIGKILL");
    await process.status;
  };
  for (let waitedMs = 0;; waitedMs += 50) {
    try {
      await answered(await fetch(`${url}/health`));
      break;
    } catch (error) {
      if (waitedMs < 60_000) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      await stop();
      throw new Error("Cannot measure ingest: it did not start in a minute", {
        cause: error,
      });
    }
  }
  const { stdout } = await new Deno.Command(program, { args: ["--version"] })
    .output();
  const version = /\d+\.\d+\.\d+/.exec(new TextDecoder().decode(stdout))![0];
  return { pid: process.pid, url, version, stop };
}

async function answered(response: Response): Promise<void> {
  const text = await response.text();
  if (response.ok) return;
  throw new Error(
    `Cannot measure ingest: it answered ${response.status} ${text}`,
  );
}
