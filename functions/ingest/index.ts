import { readConfig } from "../_shared/config.ts";
import { createEdge } from "../_shared/edge.ts";
import { createFinishStore } from "../_shared/store/finish_store.ts";
import { createPartStore } from "../_shared/store/part_store.ts";
import { createRunStore } from "../_shared/store/run_store.ts";
import { createApp } from "./app.ts";

const edge = await createEdge(readConfig((name) => Deno.env.get(name)));
const app = createApp({
  ...edge,
  runs: createRunStore(edge.database),
  parts: createPartStore(edge.database),
  finishes: createFinishStore(edge.database),
});

Deno.serve(app.fetch);
