import assert from "node:assert/strict";
import { RATE_LIMITS } from "./auth/rate_limits.ts";
import type { EdgeConfig } from "./config.ts";
import { createEdge } from "./edge.ts";

const config: EdgeConfig = {
  databaseUrl: "postgres://x@127.0.0.1:1/x",
  supabaseUrl: "http://127.0.0.1:1",
  serviceKey: "x",
  qstashUrl: "http://127.0.0.1:1",
  qstashToken: "x",
  workerUrl: "http://127.0.0.1:1",
  allowedOrigins: [],
  rateLimits: RATE_LIMITS,
  addressHeader: "x-forwarded-for",
  faultModule: null,
};

Deno.test("createEdge() connects to nothing and reaches no point by itself", async () => {
  const edge = await createEdge(config);
  assert.equal(await edge.reached("upload_stored"), undefined);
  await edge.database.end();
});

Deno.test("createEdge() passes points to the fault module", async () => {
  const source =
    "export const seen = []; export const reached = (point) => void seen.push(point)";
  const faultModule = `data:text/javascript,${encodeURIComponent(source)}`;
  const edge = await createEdge({ ...config, faultModule });
  await edge.reached("finish_committed");
  const { seen } = await import(faultModule);
  assert.deepEqual(seen, ["finish_committed"]);
  await edge.database.end();
});
