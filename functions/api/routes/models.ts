import { type Context, Hono } from "hono";
import { AppError } from "@shared/errors.ts";
import {
  parseModelAnnouncement,
  parseModelQuery,
  parseModelRequest,
} from "@shared/schemas/model.ts";
import { parseUuid } from "@shared/schemas/run.ts";
import type { StoredModel } from "@shared/types/model.ts";
import { errorFacts } from "../../_shared/log.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import {
  MAX_PART_BYTES,
  type Meter,
  meter,
  readContent,
} from "../../_shared/receive.ts";
import {
  modelPath,
  type ModelStore,
  otherBytes,
} from "../../_shared/store/model_store.ts";
import type { ObjectStore } from "../../_shared/store/object_store.ts";
import type { Content } from "../../_shared/store/part_store.ts";

/** What these routes reach. */
export interface ModelRouteDeps {
  readonly models: ModelStore;
  readonly objects: ObjectStore;
}

/** Most bytes of a model: the worker holds it whole, several times over. */
const MAX_MODEL_BYTES = 256 * 1_048_576;
const MODEL = {
  what: "model",
  ifTooLarge: "send it straight to Storage: ask for its place with sign",
};
const ONNX = "application/octet-stream";

/** `/models`: what a model is, then its bytes, through here or straight to Storage; nobody opens them but the worker. */
export function modelRoutes(
  { models, objects }: ModelRouteDeps,
): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.get("/", async (c) => {
    const query = parseModelQuery(c.req.query());
    return c.json(await models.list(c.var.access.caller, query));
  });

  routes.get("/:model_id", async (c) => c.json(await modelOf(c)));

  routes.put("/:model_id", async (c) => {
    const modelId = parseUuid(c.req.param("model_id"), "model_id");
    const request = await jsonBody(c, parseModelRequest);
    const { caller, require } = c.var.access;
    await require({ kind: "project", id: request.project_id });
    const { model, isNew } = await models.create(caller, modelId, request);
    return c.json(model, isNew ? 201 : 200);
  });

  routes.put("/:model_id/bytes", async (c) => {
    const model = await modelOf(c);
    const body = meter(c.req.raw, MAX_PART_BYTES, MODEL);
    if (model.state === "ready") {
      return c.json(sameModel(model, await readContent(body)));
    }
    const path = modelPath(model, crypto.randomUUID());
    const content = await store(c, body, path);
    return c.json(await complete(c, model, content, path));
  });

  routes.post("/:model_id/sign", async (c) => {
    const { content, model } = await announced(c);
    if (model.state === "ready") return c.json(sameModel(model, content));
    const path = modelPath(model, "announced");
    const { bucket, url, token, expiresAt } = await objects.signUpload(path);
    return c.json({
      model_id: model.model_id,
      bucket,
      path,
      upload_url: url,
      token,
      expires_at: expiresAt.toISOString(),
    }, 201);
  });

  routes.post("/:model_id/complete", async (c) => {
    const { content, model } = await announced(c);
    if (model.state === "ready") return c.json(sameModel(model, content));
    const path = modelPath(model, "announced");
    const size = await objects.size(path);
    if (size !== content.sizeBytes) {
      if (size !== null) await discard(c, path);
      throw new AppError(
        "conflict",
        size === null
          ? "Cannot complete model: its bytes are not in Storage; put them to the signed URL first"
          : `Cannot complete model: ${content.sizeBytes} bytes were announced, ${size} were in Storage; ask for another signed URL and send them again`,
      );
    }
    return c.json(
      await models.complete(
        c.var.access.caller,
        model.model_id,
        content,
        path,
      ),
    );
  });

  routes.delete("/:model_id", async (c) => {
    const id = c.req.param("model_id").toLowerCase();
    const path = await models.delete(c.var.access.caller, id);
    if (path !== null) await discard(c, path);
    return c.body(null, 204);
  });

  return routes;

  function modelOf(c: Context<EdgeEnv>): Promise<StoredModel> {
    const id = c.req.param("model_id")!.toLowerCase();
    return models.get(c.var.access.caller, id);
  }

  async function announced(
    c: Context<EdgeEnv>,
  ): Promise<{ readonly model: StoredModel; readonly content: Content }> {
    const said = await jsonBody(c, parseModelAnnouncement);
    const { size_bytes: sizeBytes, sha256 } = said;
    if (sizeBytes > MAX_MODEL_BYTES) {
      throw new AppError(
        "too_large",
        `Cannot take model: it may have at most ${MAX_MODEL_BYTES} bytes, and was announced with ${sizeBytes}`,
      );
    }
    const bytes = sha256.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
    const content = { sizeBytes, sha256: Uint8Array.from(bytes) };
    return { model: await modelOf(c), content };
  }

  async function store(
    c: Context<EdgeEnv>,
    body: Meter,
    path: string,
  ): Promise<Content> {
    const bytes = await body.read();
    if (bytes instanceof Uint8Array) body.content(); // nothing is stored of an empty body
    try {
      await objects.upload(path, bytes, ONNX);
    } catch (error) {
      body.checkSize(); // says more than what broke with it
      throw error;
    }
    try {
      return body.content();
    } catch (error) {
      await discard(c, path);
      throw error;
    }
  }

  /** The row decides; what loses is removed here when we know that it lost, else with the model. */
  async function complete(
    c: Context<EdgeEnv>,
    model: StoredModel,
    content: Content,
    path: string,
  ): Promise<StoredModel> {
    const { caller } = c.var.access;
    try {
      return await models.complete(caller, model.model_id, content, path);
    } catch (error) {
      if (error instanceof AppError && error.code !== "upstream_unavailable") {
        await discard(c, path);
      }
      throw error;
    }
  }

  /** Removes bytes that no row names; the sweeper's work where that fails. */
  async function discard(c: Context<EdgeEnv>, path: string): Promise<void> {
    try {
      await objects.remove(path);
    } catch (error) {
      c.var.log.warn("object_not_removed", errorFacts(error));
    }
  }
}

/** The model, if these are its bytes. */
function sameModel(
  model: StoredModel,
  { sizeBytes, sha256 }: Content,
): StoredModel {
  const hex = Array.from(sha256, (byte) => byte.toString(16).padStart(2, "0"));
  if (model.size_bytes === sizeBytes && model.sha256 === hex.join("")) {
    return model;
  }
  throw otherBytes(model.model_id);
}
