/**
 * The QStash stand-in of one machine: same API, same signatures, state in PostgreSQL.
 *
 * @module
 */
import postgres from "postgres";
import { createQueueApp } from "./app.ts";
import { Deliverer } from "./deliverer.ts";
import { QueueStore } from "./store.ts";

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot start queue: ${name} is not set`);
  return value;
}

function log(level: string, text: string, facts: Record<string, unknown>) {
  const line = JSON.stringify({ at: new Date(), level, text, ...facts });
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}

const sql = postgres(required("DATABASE_URL"), {
  prepare: false,
  max: 4,
  onnotice: () => {},
});
const store = new QueueStore(sql);
await store.prepare();
const current = required("QSTASH_CURRENT_SIGNING_KEY");
const deliverer = new Deliverer({
  store,
  signingKey: current,
  now: Date.now,
  warn: (text, facts) => log("warn", text, facts),
  pollMs: 250,
});
const app = createQueueApp({
  store,
  token: required("QSTASH_TOKEN"),
  keys: { current, next: required("QSTASH_NEXT_SIGNING_KEY") },
  wake: () => deliverer.wake(),
  now: Date.now,
});
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(required("PORT")),
  onListen: () => log("info", "Queue is ready", {}),
}, app.fetch);

const running = deliverer.run();
Deno.addSignalListener("SIGTERM", async () => {
  deliverer.stop();
  await running;
  await server.shutdown();
  await sql.end({ timeout: 1 });
  Deno.exit(0);
});
