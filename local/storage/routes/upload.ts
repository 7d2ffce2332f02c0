import { type Context, Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { ownerOf } from "../objects.ts";
import { receive } from "../received.ts";
import { answer, callerOf, placeOf } from "./request.ts";

/** `/object/<bucket>/<key>`: POST makes, PUT replaces. */
export function uploadRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  const upload = async (c: Context, mayReplace: boolean) => {
    const place = placeOf(c);
    const caller = await callerOf(deps, c);
    const { said, ...content } = await receive(deps, c, place.bucket);
    const options = { mayReplace, owner: ownerOf(caller) };
    const { id } = await deps.objects.store(
      caller,
      place,
      said,
      options,
      content,
    );
    return answer({ Key: `${place.bucket}/${place.key}`, Id: id });
  };

  routes.post(
    "/:bucket/:key{.+}",
    (c) => upload(c, c.req.header("x-upsert") === "true"),
  );
  routes.put("/:bucket/:key{.+}", (c) => upload(c, true));
  return routes;
}
