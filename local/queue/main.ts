/**
 * The QStash stand-in of one machine: same API, same signatures, state in PostgreSQL.
 *
 * @module
 */
import type { ReachPoint } from "@shared/types/fault.ts";
import postgres from "postgres";
import { createQueueApp } from "./app.ts";
import { Deliverer } from "./deliverer.ts";
import { PLANS } from "./limits.ts";
import { QueueStore } from "./store/mod.ts";

const PARALLELISM = 32;

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot start queue: ${name} is not set`);
  return value;
}

function planName(): keyof typeof PLANS {
  const name = Deno.env.get("QSTASH_PLAN") || "free";
  if (Object.hasOwn(PLANS, name)) return name as keyof typeof PLANS;
  throw new Error(
    `Cannot start queue: QSTASH_PLAN must be one of ${
      Object.keys(PLANS).join(", ")
    }: current value is "${name}"`,
  );
}

function log(level: string, text: string, facts: Record<string, unknown>) {
  const line = JSON.stringify({ at: new Date(), level, text, ...facts });
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}

const faults = Deno.env.get("ASSAY_FAULT_MODULE");
const { reached }: { reached: ReachPoint } = faults
  ? await import(faults)
  : { reached: () => {} };
const sql = postgres(required("DATABASE_URL"), {
  prepare: false,
  max: 4,
  onnotice: () => {},
});
const store = new QueueStore(sql);
await store.prepare({
  current: required("QSTASH_CURRENT_SIGNING_KEY"),
  next: required("QSTASH_NEXT_SIGNING_KEY"),
}, Date.now());
const common = {
  store,
  limits: PLANS[planName()],
  parallelism: PARALLELISM,
  now: Date.now,
  reached,
  warn: (text: string, facts: Record<string, unknown>) =>
    log("warn", text, facts),
};
const deliverer = new Deliverer({ ...common, pollMs: 250 });
const app = createQueueApp({
  ...common,
  token: required("QSTASH_TOKEN"),
  wake: () => deliverer.wake(),
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
