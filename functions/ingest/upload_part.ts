import type { PartEnvelope, PartReceipt } from "@shared/types/part.ts";
import { AppError } from "@shared/errors.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Principal } from "../_shared/auth/principal.ts";
import { errorFacts, type Logger } from "../_shared/log.ts";
import type { ObjectStore } from "../_shared/store/object_store.ts";
import {
  type Content,
  partPath,
  type PartStore,
  positionTaken,
  receiptOf,
  runClosed,
  type StoredContent,
} from "../_shared/store/part_store.ts";
import { type Meter, readContent } from "../_shared/receive.ts";

/** What taking a part reaches. */
export interface UploadDeps {
  readonly parts: PartStore;
  readonly objects: ObjectStore;
  readonly reached: ReachPoint;
}

/** One part on its way in. */
export interface Upload {
  readonly caller: Principal;
  readonly runId: string;
  readonly envelope: PartEnvelope;
  readonly body: Meter;
  readonly log: Logger;
}

/**
 * Takes one part: bytes to a random path first, then the row that decides whether they count. Whatever loses leaves an object without a row,
 * which is removed here when we know that it lost, else swept by the worker.
 */
export async function uploadPart(
  deps: UploadDeps,
  upload: Upload,
): Promise<{ readonly receipt: PartReceipt; readonly isNew: boolean }> {
  const { caller, runId, envelope, body } = upload;
  const outlook = await deps.parts.look(caller, runId, envelope);
  if (outlook === null) {
    throw new AppError("not_found", `Cannot find run "${runId}"`);
  }
  if (outlook.known) {
    const content = await readContent(body);
    return {
      receipt: receiptOf(runId, outlook.known, envelope, content),
      isNew: false,
    };
  }
  if (!outlook.isOpen) throw runClosed(runId);
  if (outlook.positionTakenBy !== null) {
    throw positionTaken(envelope, outlook.positionTakenBy);
  }

  const partId = crypto.randomUUID();
  const storagePath = partPath(outlook.projectId, runId, partId);
  const content = await store(deps, upload, storagePath);
  await deps.reached("upload_stored", runId);
  const stored = { ...content, partId, storagePath };
  const { part, isNew } = await record(deps, upload, stored);
  await deps.reached("upload_recorded", runId);
  return { receipt: receiptOf(runId, part, envelope, content), isNew };
}

async function store(
  { objects }: UploadDeps,
  { envelope, body, log }: Upload,
  path: string,
): Promise<Content> {
  const bytes = await body.read();
  if (bytes instanceof Uint8Array) body.content(); // nothing is stored of an empty body
  try {
    await objects.upload(path, bytes, envelope.content_type);
  } catch (error) {
    body.checkSize(); // says more than what broke with it
    throw error;
  }
  try {
    return body.content();
  } catch (error) {
    await discard(objects, path, log);
    throw error;
  }
}

async function record(
  { parts, objects }: UploadDeps,
  { caller, runId, envelope, log }: Upload,
  content: StoredContent,
): ReturnType<PartStore["record"]> {
  const path = content.storagePath;
  let answer: Awaited<ReturnType<PartStore["record"]>>;
  try {
    answer = await parts.record(caller, runId, envelope, content);
  } catch (error) {
    // Only where the database has said no: after a lost connection the row may stand, and it needs its bytes.
    if (error instanceof AppError && error.code !== "upstream_unavailable") {
      await discard(objects, path, log);
    }
    throw error;
  }
  if (!answer.isNew) await discard(objects, path, log);
  return answer;
}

/** Removes bytes that no row will name; the sweeper's work where that fails. */
export async function discard(
  objects: ObjectStore,
  path: string,
  log: Logger,
): Promise<void> {
  try {
    await objects.remove(path);
  } catch (error) {
    log.warn("object_not_removed", errorFacts(error));
  }
}
