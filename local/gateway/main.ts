/**
 * The one door of a local platform.
 *
 * @module
 */
import type { ReachPoint } from "@shared/types/fault.ts";
import { createGateway } from "./app.ts";

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`Cannot start gateway: ${name} is not set`);
  return value;
}

const faults = Deno.env.get("ASSAY_FAULT_MODULE");
const { reached }: { reached: ReachPoint } = faults
  ? await import(faults)
  : { reached: () => {} };
const app = createGateway({
  reached,
  url: required("PUBLIC_URL"),
  functions: JSON.parse(required("FUNCTIONS")),
  storage: required("STORAGE_URL"),
  consoleDir: required("CONSOLE_DIR"),
  loginToken: required("LOGIN_TOKEN"),
  userId: required("USER_ID"),
  email: required("USER_EMAIL"),
  signingJwk: JSON.parse(required("SIGNING_JWK")),
});
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(required("PORT")),
  onListen: () => {},
}, app.fetch);
Deno.addSignalListener("SIGTERM", async () => {
  await Promise.race([
    server.shutdown(),
    new Promise((resolve) => setTimeout(resolve, 1000)),
  ]);
  Deno.exit(0);
});
