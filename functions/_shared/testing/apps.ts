import type { Hono } from "hono";
import type { EdgeEnv } from "../middleware/env.ts";
import type { Persona, World } from "./world.ts";

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
    return { status: response.status, headers: response.headers, json };
  };
}
