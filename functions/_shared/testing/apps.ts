import type { Hono } from "hono";
import type { EdgeEnv } from "../middleware/env.ts";
import { testEngines } from "@testing/postgres.ts";
import type { Edge } from "../edge.ts";
import { assertConforms } from "./conformance.ts";
import { createWorld, type Persona, type World } from "./world.ts";

/** An answer with its JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- answers of many shapes
  readonly json: any;
}

/** Sends a request to an app as a persona; an object as body is sent as JSON. */
export type Ask = (
  persona: Persona,
  method: string,
  path: string,
  body?: object | BodyInit,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Builds the way to ask an app below a base path. */
export function askOf(world: World, app: Hono<EdgeEnv>, base: string): Ask {
  return async (persona, method, path, body, headers = {}) => {
    const isJson = body !== undefined && body.constructor === Object;
    const response = await app.request(base + path, {
      method,
      headers: {
        ...(world.auth[persona] ? { authorization: world.auth[persona] } : {}),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: isJson ? JSON.stringify(body) : body as BodyInit }),
    });
    const text = await response.text();
    let json: unknown = null;
    try {
      json = JSON.parse(text);
    } catch { /* binary, or nothing */ }
    assertConforms(method, base + path, response, json);
    return { status: response.status, headers: response.headers, json };
  };
}

/** What a test of an app is given. */
export interface Scene {
  readonly t: Deno.TestContext;
  readonly world: World;
  readonly app: Hono<EdgeEnv>;
  readonly ask: Ask;
  /** Asks with GET, as a viewer unless another is named. */
  readonly get: (path: string, persona?: Persona) => Promise<Answer>;
}

/** Tests an app in a world of its own on each engine. */
export function testApp(
  name: string,
  base: string,
  createApp: (edge: Edge) => Hono<EdgeEnv>,
  body: (scene: Scene) => Promise<void>,
): void {
  for (const engine of testEngines()) {
    Deno.test(`${name} on ${engine.name}`, async (t) => {
      const world = await createWorld(engine);
      try {
        const app = createApp(world.edge);
        const ask = askOf(world, app, base);
        await body({
          t,
          world,
          app,
          ask,
          get: (path, persona = "viewer") => ask(persona, "GET", path),
        });
      } finally {
        await world.stop();
      }
    });
  }
}
