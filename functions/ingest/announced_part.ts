import type {
  PartAnnouncement,
  PartEnvelope,
  PartReceipt,
  PartUpload,
} from "@shared/types/part.ts";
import { AppError } from "@shared/errors.ts";
import type { Principal } from "../_shared/auth/principal.ts";
import type { Logger } from "../_shared/log.ts";
import {
  type Content,
  type PartOutlook,
  partPath,
  positionTaken,
  receiptOf,
  runClosed,
} from "../_shared/store/part_store.ts";
import { discard, type UploadDeps } from "./upload_part.ts";

/** Most bytes of one part straight to Storage: the worker holds a part whole. */
export const MAX_ANNOUNCED_BYTES = 256 * 1_048_576;

/** A part whose bytes do not come through us. */
export interface AnnouncedPart {
  readonly caller: Principal;
  readonly runId: string;
  readonly envelope: PartEnvelope;
  readonly announced: PartAnnouncement;
  readonly log: Logger;
}

/**
 * Lets a caller put a part's bytes straight into Storage. Nothing is noted: the part's id says where its object lies, and an upload that is
 * never completed leaves an object without a row, for the worker to sweep.
 *
 * @returns Where to put them; or the receipt, if these bytes were taken before under this key.
 */
export async function signPart(
  deps: UploadDeps,
  part: AnnouncedPart,
): Promise<PartUpload | PartReceipt> {
  const { runId, envelope } = part;
  const content = contentOf(part);
  const outlook = await look(deps, part);
  if (outlook.known) return receiptOf(runId, outlook.known, envelope, content);
  refuseLate(outlook, part);
  const partId = crypto.randomUUID();
  const path = partPath(outlook.projectId, runId, partId);
  const { bucket, url, token, expiresAt } = await deps.objects.signUpload(path);
  return {
    part_id: partId,
    run_id: runId,
    bucket,
    path,
    upload_url: url,
    token,
    expires_at: expiresAt.toISOString(),
  };
}

/**
 * Takes a part whose bytes were put into Storage. That they are there, and how many, is checked here; their SHA-256 is recorded as announced,
 * for whoever reads them to compare: to hash them here would take more than the 2 s of CPU that a function has.
 *
 * Once more with the same word gives the same receipt, also after the run was closed. What loses or is wrong is removed from Storage, unless
 * a part has its bytes there.
 */
export async function completePart(
  deps: UploadDeps,
  partId: string,
  part: AnnouncedPart,
): Promise<{ readonly receipt: PartReceipt; readonly isNew: boolean }> {
  const { caller, runId, envelope, log } = part;
  const outlook = await look(deps, part);
  const storagePath = partPath(outlook.projectId, runId, partId);
  let mayBeOnItsWay = false;
  try {
    const content = contentOf(part);
    if (outlook.known) {
      const receipt = receiptOf(runId, outlook.known, envelope, content);
      if (outlook.known.partId !== partId) await clear();
      return { receipt, isNew: false };
    }
    refuseLate(outlook, part);
    const size = await deps.objects.size(storagePath);
    mayBeOnItsWay = size === null;
    checkSize(size, content);
    await deps.reached("upload_stored", runId);
    const stored = { ...content, partId, storagePath };
    const { part: taken, isNew } = await deps.parts.record(
      caller,
      runId,
      envelope,
      stored,
    );
    await deps.reached("upload_recorded", runId);
    if (taken.partId !== partId) await clear();
    return { receipt: receiptOf(runId, taken, envelope, content), isNew };
  } catch (error) {
    // Only where the answer is no for good: after a lost connection the row may stand, and it needs its bytes.
    const isFinal = error instanceof AppError &&
      error.code !== "upstream_unavailable" && !mayBeOnItsWay;
    if (isFinal) await clear();
    throw error;
  }

  async function clear(): Promise<void> {
    if (await deps.parts.holds(caller, runId, storagePath)) return;
    await discard(deps.objects, storagePath, log);
  }
}

async function look(
  { parts }: UploadDeps,
  { caller, runId, envelope }: AnnouncedPart,
): Promise<PartOutlook> {
  const outlook = await parts.look(caller, runId, envelope);
  if (outlook !== null) return outlook;
  throw new AppError("not_found", `Cannot find run "${runId}"`);
}

function refuseLate(
  outlook: PartOutlook,
  { runId, envelope }: AnnouncedPart,
): void {
  if (!outlook.isOpen) throw runClosed(runId);
  if (outlook.positionTakenBy !== null) {
    throw positionTaken(envelope, outlook.positionTakenBy);
  }
}

function contentOf({ announced }: AnnouncedPart): Content {
  const { size_bytes: sizeBytes, sha256 } = announced;
  if (sizeBytes > MAX_ANNOUNCED_BYTES) {
    throw new AppError(
      "too_large",
      `Cannot take part: it may have at most ${MAX_ANNOUNCED_BYTES} bytes, and was announced with ${sizeBytes}; send it as several parts`,
    );
  }
  return {
    sizeBytes,
    sha256: Uint8Array.from(
      sha256.match(/../g)!,
      (byte) => Number.parseInt(byte, 16),
    ),
  };
}

function checkSize(size: number | null, { sizeBytes }: Content): void {
  if (size === null) {
    throw new AppError(
      "conflict",
      "Cannot complete part: its bytes are not in Storage; put them to the signed URL first",
    );
  }
  if (size !== sizeBytes) {
    throw new AppError(
      "conflict",
      `Cannot complete part: ${sizeBytes} bytes were announced, ${size} are in Storage; ask for another signed URL and send them again`,
    );
  }
}
