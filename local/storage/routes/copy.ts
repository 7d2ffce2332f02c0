import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { ownerOf, type Place } from "../objects.ts";
import { metadataHeader } from "../received.ts";
import { shownObject } from "../rows.ts";
import { answer, callerOf, checkKey, JsonBody } from "./request.ts";

/** POST `/object/copy` and `/object/move`, within a bucket or to another. */
export function copyRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();

  routes.post("/copy", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await JsonBody.of(c);
    const { from, to } = placesOf(body);
    const options = {
      mayReplace: c.req.header("x-upsert") === "true",
      owner: ownerOf(caller),
    };
    const other = body.within("metadata");
    const instead = body.raw("copyMetadata") !== false ? {} : {
      ...optional("contentType", other?.textOr("mimetype", undefined)),
      ...optional("cacheControl", other?.textOr("cacheControl", undefined)),
      userMetadata: metadataHeader(c),
    };
    const row = await deps.objects.copy(caller, from, to, options, instead);
    return answer({
      Key: `${to.bucket}/${to.key}`,
      Id: row.id,
      ...shownObject(row),
    });
  });

  routes.post("/move", async (c) => {
    const caller = await callerOf(deps, c);
    const { from, to } = placesOf(await JsonBody.of(c));
    await deps.objects.move(caller, from, to);
    return answer({ message: "Successfully moved" });
  });
  return routes;
}

function placesOf(body: JsonBody): { from: Place; to: Place } {
  const from = { bucket: body.text("bucketId"), key: body.text("sourceKey") };
  const to = {
    bucket: body.textOr("destinationBucket", "") || from.bucket,
    key: body.text("destinationKey"),
  };
  checkKey(to.key);
  return { from, to };
}

function optional<K extends string>(
  name: K,
  value: string | undefined,
): { [name in K]?: string } {
  return value === undefined
    ? {}
    : { [name]: value } as { [name in K]: string };
}
