import { signDelivery } from "../../local/queue/signature.ts";
import { until, type World } from "./world.ts";

/** A worker beside the platform's own. */
export interface SecondWorker extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
}

/** Starts a second worker on the same database, Storage and queue. */
export async function startWorker(
  { workerEnv }: World,
): Promise<SecondWorker> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const url = `http://127.0.0.1:${port}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      new URL("../../gpu-worker/main.ts", import.meta.url).pathname,
    ],
    clearEnv: true,
    env: { ...workerEnv, PORT: String(port), WORKER_URL: url },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const stop = async () => {
    for (const signal of ["SIGCONT", "SIGKILL"] as const) {
      try {
        child.kill(signal);
      } catch { /* it has ended */ }
    }
    await child.status;
  };
  try {
    await until("the second worker is ready", 30_000, async () => {
      const response = await fetch(`${url}/health`);
      await response.body?.cancel();
      return response.ok || null;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid, url, [Symbol.asyncDispose]: stop };
}

/** Rings a worker for a task as the queue does. Returns the status it answers; null: none in time. */
export async function deliver(
  { workerEnv }: World,
  workerUrl: string,
  taskId: string,
  limitMs = 60_000,
): Promise<number | null> {
  const url = `${workerUrl}/v1/tasks`;
  const body = JSON.stringify({ version: 1, taskId });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "upstash-signature": await signDelivery(
          workerEnv.QSTASH_CURRENT_SIGNING_KEY!,
          url,
          new TextEncoder().encode(body),
          Date.now(),
        ),
      },
      body,
      signal: AbortSignal.timeout(limitMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  }
}

/** Waits until a process is stopped by a signal. */
export async function untilStopped(pid: number): Promise<void> {
  await until(`process ${pid} is frozen`, 10_000, async () => {
    const text = await Deno.readTextFile(`/proc/${pid}/stat`);
    return text.slice(text.lastIndexOf(")") + 2)[0] === "T" || null;
  });
}
