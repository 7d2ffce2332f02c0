import { readConfig } from "../_shared/config.ts";
import { createEdge } from "../_shared/edge.ts";
import { createApp } from "./app.ts";
import { createDeps } from "./deps.ts";

const edge = await createEdge(readConfig((name) => Deno.env.get(name)));

Deno.serve(createApp(createDeps(edge)).fetch);
