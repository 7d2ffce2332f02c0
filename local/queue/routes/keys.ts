import { Hono } from "hono";
import type { QueueDeps } from "../deps.ts";

/** `/keys`: keys of signatures. */
export function keyRoutes({ store }: QueueDeps): Hono {
  const routes = new Hono();

  routes.get("/", async (c) => c.json(await store.signingKeys.get()));

  routes.post("/rotate", async (c) => {
    const fresh = crypto.getRandomValues(new Uint8Array(24))
      .toBase64({ alphabet: "base64url" });
    return c.json(await store.signingKeys.rotate(`sig_${fresh}`));
  });

  return routes;
}
