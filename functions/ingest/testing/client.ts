import { createHash } from "node:crypto";
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
  /** Asks for a signed upload of a part's bytes. */
  readonly sign: (
    runId: string,
    key: string,
    said: object,
    query?: Record<string, string>,
    persona?: Persona,
  ) => Promise<Answer>;
  readonly complete: (
    runId: string,
    partId: string,
    key: string,
    said: object,
    query?: Record<string, string>,
    persona?: Persona,
  ) => Promise<Answer>;
  readonly finish: (
    runId: string,
    body?: object,
    persona?: Persona,
  ) => Promise<Answer>;
}

/** What is said of a part's bytes before they go straight to Storage. */
export function announcementOf(
  bytes: string | Uint8Array<ArrayBuffer>,
): { content_type: string; size_bytes: number; sha256: string } {
  return {
    content_type: "application/x-ndjson",
    size_bytes: new Blob([bytes]).size,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
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
      const path = `/runs/${runId}/parts?${placeOf(query)}`;
      return ask("ingestKey", "POST", path, body, {
        "idempotency-key": key,
        "content-type": "application/x-ndjson",
        ...headers,
      });
    },
    sign: (runId, key, said, query = {}, persona = "ingestKey") =>
      ask(
        persona,
        "POST",
        `/runs/${runId}/parts/sign?${placeOf(query)}`,
        said,
        { "idempotency-key": key },
      ),
    complete: (runId, partId, key, said, query = {}, persona = "ingestKey") =>
      ask(
        persona,
        "POST",
        `/runs/${runId}/parts/${partId}/complete?${placeOf(query)}`,
        said,
        { "idempotency-key": key },
      ),
    finish: (runId, body, persona = "ingestKey") =>
      ask(persona, "POST", `/runs/${runId}/finish`, body),
  };
}

function placeOf(query: Record<string, string>): URLSearchParams {
  const all = { kind: "samples", split: "training", seq: "0", ...query };
  return new URLSearchParams(all);
}

/** The code of an error answer. */
export function codeOf(answer: Answer): string {
  return answer.json.error.code;
}
