import { type Context, Hono } from "hono";
import type { QueueDeps } from "../deps.ts";
import { QueueError } from "../error.ts";
import { readJson } from "../http.ts";
import { checkName } from "../publish.ts";
import { checkUrl } from "../read_spec.ts";
import type { Endpoint, Topic } from "../store/topics.ts";

/** `/topics`: URL groups. */
export function topicRoutes({ store, limits, now }: QueueDeps): Hono {
  const routes = new Hono();
  const { topics } = store;

  routes.get("/", async (c) => c.json((await topics.list()).map(shown)));

  routes.get("/:name", async (c) => {
    const topic = await topics.get(c.req.param("name"));
    if (!topic) throw notFound(c.req.param("name"));
    return c.json(shown(topic));
  });

  routes.delete("/:name", async (c) => {
    if (!await topics.remove(c.req.param("name"))) {
      throw notFound(c.req.param("name"));
    }
    return c.body(null, 200);
  });

  routes.post("/:name/endpoints", async (c) => {
    const name = c.req.param("name");
    checkName(name, "url group name");
    const added = (await readEndpoints(c)).map(({ url, name }): Endpoint => {
      if (url === undefined) {
        throw new QueueError(400, "invalid endpoint: it has no url");
      }
      checkUrl(url, "endpoint");
      return name === undefined ? { url } : { url, name };
    });
    await topics.change(
      name,
      (there) => added.reduce(withEndpoint, there),
      now(),
    );
    return c.body(null, 200);
  });

  routes.delete("/:name/endpoints", async (c) => {
    const name = c.req.param("name");
    const removed = await readEndpoints(c);
    if (!await topics.get(name)) throw notFound(name);
    await topics.change(
      name,
      (there) =>
        there.filter((endpoint) =>
          !removed.some(({ url, name }) =>
            (name === undefined || name === endpoint.name) &&
            (url === undefined || url === endpoint.url)
          )
        ),
      now(),
    );
    return c.body(null, 200);
  });

  async function readEndpoints(
    c: Context,
  ): Promise<{ url?: string; name?: string }[]> {
    const { endpoints } = (await readJson(c, limits.messageBytes) ?? {}) as {
      endpoints?: unknown;
    };
    const isText = (value: unknown) =>
      value === undefined || typeof value === "string";
    if (
      !Array.isArray(endpoints) || endpoints.length === 0 ||
      !endpoints.every((one) =>
        isText(one?.url) && isText(one?.name) && (one?.url ?? one?.name)
      )
    ) {
      throw new QueueError(
        400,
        "invalid endpoints: each has a url or a name, as text",
      );
    }
    return endpoints;
  }

  return routes;
}

/** The same URL or the same name is the same endpoint. */
function withEndpoint(
  there: readonly Endpoint[],
  added: Endpoint,
): readonly Endpoint[] {
  const others = there.filter(({ url, name }) =>
    url !== added.url && (name === undefined || name !== added.name)
  );
  return [...others, added];
}

function shown(topic: Topic): Record<string, unknown> {
  return {
    name: topic.name,
    createdAt: topic.createdAt.getTime(),
    updatedAt: topic.updatedAt.getTime(),
    endpoints: topic.endpoints,
  };
}

function notFound(name: string): QueueError {
  return new QueueError(404, `url group ${name} not found`);
}
