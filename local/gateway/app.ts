import { type Context, Hono } from "hono";
import type { ReachPoint } from "@shared/types/fault.ts";
import { consoleFile } from "./console_files.ts";
import { type LoginDeps, loginRoutes } from "./local_login.ts";

/** What the gateway stands in front of. */
export interface GatewayDeps extends LoginDeps {
  /** Base URL of each function by slug. */
  readonly functions: Readonly<Record<string, string>>;
  /** Base URL of the storage server. */
  readonly storage: string;
  /** Fault points. */
  readonly reached?: ReachPoint;
  /** Folder of the built console. */
  readonly consoleDir: string;
}

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "host",
];

/** What may pass; a client cannot even send others, such as TRACE. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Builds the one door of a local platform: functions, storage, login and console under one origin. */
export function createGateway(deps: GatewayDeps): Hono {
  const app = new Hono();
  const { port } = new URL(deps.url);
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((name) =>
    port === "" ? name : `${name}:${port}`
  );

  // A page of another site can make a browser call us by a name that resolves to 127.0.0.1 (DNS rebinding).
  app.use(async (c, next) => {
    const host = new URL(c.req.url).host;
    const from = c.req.header("origin");
    if (!hosts.includes(host)) {
      return refuse(
        c,
        403,
        `Cannot answer as the Host must be one of ${
          hosts.join(", ")
        }: current value is "${host}"`,
      );
    }
    if (from !== undefined && !hosts.some((h) => from === `http://${h}`)) {
      return refuse(
        c,
        403,
        `Cannot answer as the Origin must be this server's: current value is "${from}"`,
      );
    }
    await next();
  });

  app.use(async (c, next) => {
    if (METHODS.includes(c.req.method)) return await next();
    return refuse(c, 405, `Cannot use the method ${c.req.method} here`);
  });

  app.get("/health", (c) => c.json({ status: "ok" }));
  app.route("/auth/v1", loginRoutes(deps));

  app.all("/functions/v1/:slug/*", (c) => {
    const slug = c.req.param("slug");
    if (!Object.hasOwn(deps.functions, slug)) {
      return refuse(c, 404, "Function not found");
    }
    return forward(c, deps.functions[slug]!, "/functions/v1", deps.reached);
  });
  app.all("/storage/v1/*", async (c) => {
    const answer = await forward(c, deps.storage, "/storage/v1", deps.reached);
    // What was uploaded stands on the console's origin: none of it may run there.
    answer.headers.set(
      "content-security-policy",
      "sandbox; default-src 'none'",
    );
    answer.headers.set("x-content-type-options", "nosniff");
    return answer;
  });
  app.get("*", (c) => consoleFile(deps.consoleDir, c.req.path));
  app.notFound((c) =>
    refuse(c, 404, `Cannot ${c.req.method} ${c.req.path}: no such route`)
  );
  return app;
}

async function forward(
  c: Context,
  target: string,
  prefix: string,
  reached: ReachPoint = () => {},
): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const headers = new Headers(c.req.raw.headers);
  for (const name of HOP_BY_HOP) headers.delete(name);
  headers.set("x-forwarded-for", c.env?.remoteAddr?.hostname ?? "unknown"); // whatever was sent
  try {
    const response = await fetch(
      target + pathname.slice(prefix.length) + search,
      {
        method: c.req.method,
        headers,
        body: c.req.raw.body,
        redirect: "manual",
        signal: c.req.raw.signal,
      },
    );
    await reached("request_answered", pathname);
    const answer = new Headers(response.headers);
    answer.delete("content-encoding"); // fetch has decoded it
    answer.delete("content-length");
    return new Response(response.body, {
      status: response.status,
      headers: answer,
    });
  } catch {
    return refuse(
      c,
      503,
      "Cannot answer as this part of the server is starting again: try again in a moment",
    );
  }
}

function refuse(
  c: Context,
  status: 403 | 404 | 405 | 503,
  message: string,
): Response {
  const code = {
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    503: "upstream_unavailable",
  }[status];
  const requestId = c.req.header("x-request-id") ?? crypto.randomUUID();
  if (status === 503) c.header("retry-after", "1");
  return c.json({ error: { code, message, request_id: requestId } }, status);
}
