import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { ownerOf } from "../objects.ts";
import { metadataHeader, receive } from "../received.ts";
import { SERVICE } from "../token.ts";
import { sendObject } from "./download.ts";
import { answer, callerOf, JsonBody, placeOf } from "./request.ts";

/** How long a signed upload can be begun. */
const UPLOAD_SECONDS = 7200;
const MOST_PATHS = 1000;

/** `/object/sign/…` and `/object/upload/sign/…`: URLs that let whoever carries them read, or write, one object. */
export function signedRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  const { signer, rows, objects } = deps;
  const tokenOf = (token: string | undefined) => {
    if (token !== undefined) return token;
    throw new StorageError(
      "BadBody",
      "querystring must have required property 'token'",
    );
  };
  const downloadUrl = async (bucket: string, key: string, seconds: number) => {
    const token = await signer.sign("download", bucket, key, seconds);
    return `/object/sign/${bucket}/${key}?token=${token}`;
  };

  routes.post("/sign/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await JsonBody.of(c);
    const bucket = c.req.param("bucket");
    const seconds = body.integer("expiresIn", 1);
    const paths = body.texts("paths");
    if (paths.length > MOST_PATHS) {
      throw new StorageError(
        "BadBody",
        `body/paths must NOT have more than ${MOST_PATHS} items`,
      );
    }
    const found = await rows.visible(caller, bucket, paths);
    return answer(
      await Promise.all(paths.map(async (path) => ({
        error: found.has(path)
          ? null
          : "Either the object does not exist or you do not have access to it",
        path,
        signedURL: found.has(path)
          ? await downloadUrl(bucket, path, seconds)
          : null,
      }))),
    );
  });

  routes.post("/sign/:bucket/:key{.+}", async (c) => {
    const caller = await callerOf(deps, c);
    const { bucket, key } = placeOf(c);
    const seconds = (await JsonBody.of(c)).integer("expiresIn", 1);
    await rows.object(caller, bucket, key);
    return answer({ signedURL: await downloadUrl(bucket, key, seconds) });
  });

  routes.get("/sign/:bucket/:key{.+}", async (c) => {
    const place = placeOf(c);
    const token = tokenOf(c.req.query("token"));
    const { exp } = await signer.verify(
      "download",
      place.bucket,
      place.key,
      token,
    );
    const expires = new Date(exp * 1000).toUTCString();
    return await sendObject(deps, c, place, SERVICE, expires);
  });

  routes.post("/upload/sign/:bucket/:key{.+}", async (c) => {
    const caller = await callerOf(deps, c);
    const { bucket, key } = placeOf(c);
    const upsert = c.req.header("x-upsert") === "true";
    const owner = ownerOf(caller);
    const said = {
      contentType: c.req.header("content-type") ?? "",
      cacheControl: "",
      userMetadata: metadataHeader(c),
    };
    await objects.check(caller, { bucket, key }, said, {
      mayReplace: upsert,
      owner,
    });
    const token = await signer.sign("upload", bucket, key, UPLOAD_SECONDS, {
      ...(owner === null ? {} : { owner }),
      upsert,
    });
    const url = `/object/upload/sign/${bucket}/${key}?token=${token}`;
    return answer({ url, token });
  });

  routes.put("/upload/sign/:bucket/:key{.+}", async (c) => {
    const place = placeOf(c);
    const token = tokenOf(c.req.query("token"));
    const { upsert, owner = null } = await signer.verify(
      "upload",
      place.bucket,
      place.key,
      token,
    );
    const { said, ...content } = await receive(deps, c, place.bucket);
    const options = { mayReplace: upsert, owner };
    await objects.store(SERVICE, place, said, options, content);
    return answer({ Key: `${place.bucket}/${place.key}` });
  });
  return routes;
}
