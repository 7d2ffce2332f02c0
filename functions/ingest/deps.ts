import type { Edge } from "../_shared/edge.ts";
import { createFinishStore } from "../_shared/store/finish_store.ts";
import { createPartStore } from "../_shared/store/part_store.ts";
import { createRunStore } from "../_shared/store/run_store.ts";
import type { AppDeps } from "./app.ts";

/** Gives ingest its stores. */
export function createDeps(edge: Edge): AppDeps {
  return {
    ...edge,
    runs: createRunStore(edge.database),
    parts: createPartStore(edge.database),
    finishes: createFinishStore(edge.database),
  };
}
