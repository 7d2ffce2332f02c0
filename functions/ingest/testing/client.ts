import {
  type Answer,
  type Scene,
  testApp,
} from "../../_shared/testing/apps.ts";
import type { Persona } from "../../_shared/testing/world.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

/** A body that `PUT /runs/{run_id}` takes. */
export const RUN = { name: "first", "label_names": ["ham", "spam"] };

/** Requests of the hot path, with what most tests do not care about filled in. */
export interface Client {
  readonly put: (
    runId: string,
    body?: object,
    persona?: Persona,
  ) => Promise<Answer>;
  /** Makes a run of its own and returns its id. */
  readonly newRun: (body?: object) => Promise<string>;
  readonly part: (
    runId: string,
    key: string,
    body: BodyInit,
    query?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  readonly finish: (
    runId: string,
    body?: object,
    persona?: Persona,
  ) => Promise<Answer>;
}

/** Tests ingest in a world of its own on each engine. */
export function testIngest(
  name: string,
  body: (scene: Scene & Client) => Promise<void>,
): void {
  const create = (edge: Parameters<typeof createDeps>[0]) =>
    createApp(createDeps(edge));
  testApp(`ingest: ${name}`, "/ingest/v1", create, async (scene) => {
    await body({ ...scene, ...clientOf(scene) });
  });
}

function clientOf({ ask }: Scene): Client {
  const put: Client["put"] = (runId, body = RUN, persona = "ingestKey") =>
    ask(persona, "PUT", `/runs/${runId}`, body);
  return {
    put,
    newRun: async (body = RUN) => {
      const id = crypto.randomUUID();
      await put(id, body);
      return id;
    },
    part: (runId, key, body, query = {}, headers = {}) => {
      const all = { kind: "samples", split: "training", seq: "0", ...query };
      const path = `/runs/${runId}/parts?${new URLSearchParams(all)}`;
      return ask("ingestKey", "POST", path, body, {
        "idempotency-key": key,
        "content-type": "application/x-ndjson",
        ...headers,
      });
    },
    finish: (runId, body, persona = "ingestKey") =>
      ask(persona, "POST", `/runs/${runId}/finish`, body),
  };
}

/** The code of an error answer. */
export function codeOf(answer: Answer): string {
  return answer.json.error.code;
}
