/**
 * The Supabase Storage stand-in of one machine: same API, same policies, bytes in a folder.
 *
 * @module
 */
import { join } from "node:path";
import type { ReachPoint } from "@shared/types/fault.ts";
import postgres from "postgres";
import { createStorageApp } from "./app.ts";
import { Blobs } from "./blobs.ts";
import { Objects } from "./objects.ts";
import { Resumables } from "./resumables.ts";
import { Rows } from "./rows.ts";
import { tokenVerifier, urlSigner } from "./token.ts";

const MOST_BYTES = 5 * 1024 ** 3; // a standard upload's most
const RESUMABLE_MS = 24 * 3_600_000;
const SWEEP_MS = 3_600_000;

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot start storage: ${name} is not set`);
  return value;
}

function log(level: string, text: string, facts: Record<string, unknown> = {}) {
  const line = JSON.stringify({ at: new Date(), level, text, ...facts });
  Deno.stderr.writeSync(new TextEncoder().encode(line + "\n"));
}

const faults = Deno.env.get("ASSAY_FAULT_MODULE");
const { reached }: { reached: ReachPoint } = faults
  ? await import(faults)
  : { reached: () => {} };
const sql = postgres(required("DATABASE_URL"), {
  prepare: false,
  max: 8,
  onnotice: () => {},
});
const folder = required("STORAGE_DIR");
const blobs = new Blobs(folder);
const resumables = new Resumables(
  join(folder, "resumable"),
  blobs,
  RESUMABLE_MS,
);
const rows = new Rows(sql);
await blobs.prepare();
await resumables.prepare();
const secret = required("JWT_SECRET");
const app = createStorageApp({
  blobs,
  rows,
  objects: new Objects(rows, blobs, reached),
  resumables,
  signer: urlSigner(secret),
  verify: tokenVerifier(
    secret,
    JSON.parse(Deno.env.get("JWKS") ?? '{"keys":[]}'),
  ),
  mostBytes: Number(Deno.env.get("FILE_SIZE_LIMIT") || MOST_BYTES),
  publicUrl: Deno.env.get("STORAGE_PUBLIC_URL") || null,
}, (text, facts) => log("error", text, facts));

async function sweep(): Promise<void> {
  try {
    const now = Date.now();
    const removed = await blobs.sweep(
      (versions) => rows.knownVersions(versions),
      now,
    ) + await resumables.sweep(now);
    if (removed > 0) log("info", "Removed files without a row", { removed });
  } catch (error) {
    log("warn", "Cannot sweep files", { error: String(error) });
  }
}
sweep();
setInterval(sweep, SWEEP_MS);

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(required("PORT")),
  onListen: () => log("info", "Storage is ready"),
}, app.fetch);
Deno.addSignalListener("SIGTERM", async () => {
  await Promise.race([
    server.shutdown(),
    new Promise((resolve) => setTimeout(resolve, 1500)),
  ]);
  await sql.end({ timeout: 1 });
  Deno.exit(0);
});
