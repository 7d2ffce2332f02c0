/**
 * Ingest on a port of its own, for Deno 2.1, which reads no address from the environment. Usage: `deno run ingest_entry.ts`, with PORT and
 * what `functions/ingest/index.ts` reads.
 *
 * @module
 */
import { readConfig } from "../../functions/_shared/config.ts";
import { createEdge } from "../../functions/_shared/edge.ts";
import { createApp } from "../../functions/ingest/app.ts";
import { createDeps } from "../../functions/ingest/deps.ts";

const edge = await createEdge(readConfig((name) => Deno.env.get(name)));

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) },
  createApp(createDeps(edge)).fetch,
);
