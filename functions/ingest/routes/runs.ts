import { type Context, Hono } from "hono";
import {
  parseAnnouncedPart,
  parseFinishRequest,
  parsePartEnvelope,
} from "@shared/schemas/part.ts";
import { parseRunRequest, parseUuid } from "@shared/schemas/run.ts";
import type { EdgeEnv } from "../../_shared/middleware/env.ts";
import { jsonBody } from "../../_shared/middleware/json_body.ts";
import type { Relay } from "../../_shared/outbox/relay.ts";
import type { FinishStore } from "../../_shared/store/finish_store.ts";
import type { RunStore } from "../../_shared/store/run_store.ts";
import {
  type AnnouncedPart,
  completePart,
  signPart,
} from "../announced_part.ts";
import { MAX_PART_BYTES, meter, tooLarge } from "../../_shared/receive.ts";
import { type UploadDeps, uploadPart } from "../upload_part.ts";

/** What the hot path reaches. */
export interface RunRouteDeps extends UploadDeps {
  readonly runs: RunStore;
  readonly finishes: FinishStore;
  readonly relay: Relay;
}

/** `/runs`: make one, send its parts, finish it. */
export function runRoutes(deps: RunRouteDeps): Hono<EdgeEnv> {
  const routes = new Hono<EdgeEnv>();

  routes.put("/:run_id", async (c) => {
    const runId = parseUuid(c.req.param("run_id"), "run_id");
    const request = await jsonBody(c, (value) => parseRunRequest(value, runId));
    const { caller, require } = c.var.access;
    const id = await deps.runs.projectFor(caller, runId, request.project);
    const { projectId } = await require({ kind: "project", id });
    const { created, ...receipt } = await deps.runs.create(
      caller,
      runId,
      projectId,
      request,
    );
    return c.json(receipt, created ? 201 : 200);
  });

  routes.post("/:run_id/parts", async (c) => {
    const envelope = parsePartEnvelope(c.req.query(), c.req.raw.headers);
    if (Number(c.req.header("content-length") ?? 0) > MAX_PART_BYTES) {
      throw tooLarge();
    }
    const { receipt, isNew } = await uploadPart(deps, {
      caller: c.var.access.caller,
      runId: c.req.param("run_id").toLowerCase(),
      envelope,
      body: meter(c.req.raw),
      log: c.var.log,
    });
    return c.json(receipt, isNew ? 201 : 200);
  });

  const announcedOf = async (c: Context<EdgeEnv>): Promise<AnnouncedPart> => ({
    caller: c.var.access.caller,
    runId: c.req.param("run_id")!.toLowerCase(),
    ...await jsonBody(
      c,
      (value) => parseAnnouncedPart(c.req.query(), c.req.raw.headers, value),
    ),
    log: c.var.log,
  });

  routes.post("/:run_id/parts/sign", async (c) => {
    const answer = await signPart(deps, await announcedOf(c));
    return c.json(answer, "upload_url" in answer ? 201 : 200);
  });

  routes.post("/:run_id/parts/:part_id/complete", async (c) => {
    const partId = parseUuid(c.req.param("part_id"), "part_id");
    const part = await announcedOf(c);
    const { receipt, isNew } = await completePart(deps, partId, part);
    return c.json(receipt, isNew ? 201 : 200);
  });

  routes.post("/:run_id/finish", async (c) => {
    const request = await jsonBody(c, parseFinishRequest, {});
    const { caller } = c.var.access;
    const runId = c.req.param("run_id").toLowerCase();
    const { receipt, taskIds } = await deps.finishes.finish(
      caller,
      runId,
      request,
    );
    if (receipt.state === "open") return c.json(receipt, 200);
    await deps.reached("finish_committed", runId);
    await deps.relay(caller, taskIds, c.var.log);
    await deps.reached("finish_relayed", runId);
    return c.json(receipt, 202);
  });

  return routes;
}
