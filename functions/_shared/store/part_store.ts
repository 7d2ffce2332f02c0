import { AppError } from "@shared/errors.ts";
import type { PartEnvelope, PartReceipt } from "@shared/types/part.ts";
import type { Row } from "postgres";
import type { Principal } from "../auth/principal.ts";
import { sameBytes } from "./canonical.ts";
import type { Database, Transaction } from "./database.ts";

/** Bytes as they were received. */
export interface Content {
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
}

/** A part that was recorded before under some key or position. */
export interface KnownPart extends Content {
  readonly partId: string;
  readonly envelope: PartEnvelope;
}

/** A part to record, with the place of its bytes. */
export interface StoredContent extends Content {
  /** The part's id; its object has the same, so that no two parts share one. */
  readonly partId: string;
  readonly storagePath: string;
}

/** What is known of a run before a part's bytes are read. */
export interface PartOutlook {
  readonly projectId: string;
  readonly isOpen: boolean;
  /** The part recorded under the same key; null: a new one. */
  readonly known: KnownPart | null;
  /** Key of another part at the same position; null: the position is free. */
  readonly positionTakenBy: string | null;
}

/** Records parts. The row decides whether bytes in Storage count. */
export interface PartStore {
  /** Null if the run is gone. Notes, once a minute, that the run is alive. */
  look(
    caller: Principal,
    runId: string,
    envelope: PartEnvelope,
  ): Promise<PartOutlook | null>;
  /** Records the part; `isNew` is false if the same key was there already, and then its bytes may differ. Throws if the run closed or the position was taken. */
  record(
    caller: Principal,
    runId: string,
    envelope: PartEnvelope,
    content: StoredContent,
  ): Promise<{ readonly part: KnownPart; readonly isNew: boolean }>;
  /** Whether some part of the run has its bytes at a path. */
  holds(caller: Principal, runId: string, path: string): Promise<boolean>;
}

/** Where the bytes of a part lie. */
export function partPath(
  projectId: string,
  runId: string,
  partId: string,
): string {
  return `${projectId}/${runId}/parts/${partId}`;
}

/** Parts in PostgreSQL. */
export function createPartStore(database: Database): PartStore {
  return {
    look: (caller, runId, envelope) =>
      database.asEdge(caller, async (sql) => {
        const rows = await sql`
          select r.project_id as run_project_id, r.state, r.last_part_at < now() - interval '1 minute' as is_stale, p.*
          from assay.runs r left join lateral (${
          partsLike(sql, runId, envelope)
        }) p on true
          where r.id = ${runId}`;
        const [run] = rows;
        if (!run) return null;
        const isOpen = run.state === "open";
        if (isOpen && run.is_stale) {
          await sql`
            update assay.runs r set last_part_at = now()
            where r.id = ${runId} and r.state = 'open' and r.last_part_at < now() - interval '1 minute'`;
        }
        const found = rows.filter((row) => row.id !== null).map(knownPart);
        const known = found.find((part) =>
          part.envelope.idempotency_key === envelope.idempotency_key
        );
        return {
          projectId: run.run_project_id,
          isOpen,
          known: known ?? null,
          positionTakenBy: found.find((part) => part !== known)?.envelope
            .idempotency_key ?? null,
        };
      }),

    // The run's row is held, so that it cannot close before the part counts. Parts of one run do not wait for each other.
    record: (caller, runId, envelope, content) =>
      database.asEdge(caller, async (sql) => {
        const [done] = await sql`
          with held as (
            select r.id, r.project_id from assay.runs r where r.id = ${runId} and r.state = 'open' for share
          ), made as (
            insert into assay.parts (id, project_id, run_id, idempotency_key, part_kind, split, inference_name, epoch, writer, generation, seq,
              prediction_kind, content_type, content_encoding, storage_path, size_bytes, sha256)
            select ${content.partId}, h.project_id, h.id, ${envelope.idempotency_key}, ${envelope.part_kind}, ${envelope.split}, ${envelope.inference_name},
              ${envelope.epoch}, ${envelope.writer}, ${envelope.generation}, ${envelope.seq}, ${envelope.prediction_kind},
              ${envelope.content_type}, ${envelope.content_encoding}, ${content.storagePath}, ${content.sizeBytes}, ${content.sha256}
            from held h
            on conflict do nothing
            returning 1
          )
          select exists (select from held) as is_open, exists (select from made) as is_made`;
        if (!done!.is_open) throw runClosed(runId);
        if (done!.is_made) {
          const { storagePath: _, ...rest } = content;
          return { part: { envelope, ...rest }, isNew: true };
        }
        const rows = await partsLike(sql, runId, envelope);
        const found = rows.map(knownPart);
        const known = found.find((part) =>
          part.envelope.idempotency_key === envelope.idempotency_key
        );
        if (known) return { part: known, isNew: false };
        if (found.length === 0) throw partTaken(content.partId);
        throw positionTaken(envelope, found[0]!.envelope.idempotency_key);
      }),

    holds: (caller, runId, path) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`
          select exists (
            select from assay.parts p where p.run_id = ${runId} and p.storage_path = ${path}
          ) as holds`;
        return row!.holds;
      }),
  };
}

/** The answer to bytes under a key that is known: a receipt if they are the same, else `idempotency_conflict`. */
export function receiptOf(
  runId: string,
  part: KnownPart,
  envelope: PartEnvelope,
  content: Content,
): PartReceipt {
  const isSame = part.sizeBytes === content.sizeBytes &&
    sameBytes(part.sha256, content.sha256) &&
    JSON.stringify(positionOf(part.envelope)) ===
      JSON.stringify(positionOf(envelope));
  if (!isSame) {
    throw new AppError(
      "idempotency_conflict",
      `Cannot take part: key "${envelope.idempotency_key}" was used before with other bytes or another position`,
    );
  }
  return {
    part_id: part.partId,
    run_id: runId,
    size_bytes: part.sizeBytes,
    sha256: hex(part.sha256),
  };
}

/** The answer where another part stands at the position. */
export function positionTaken(
  envelope: PartEnvelope,
  takenBy: string,
): AppError {
  return new AppError(
    "conflict",
    `Cannot take part: ${describe(envelope)} was sent under key "${takenBy}"`,
  );
}

/** The answer where a part's id is used for another key and position. */
export function partTaken(partId: string): AppError {
  return new AppError(
    "conflict",
    `Cannot take part: "${partId}" was completed under another key`,
  );
}

/** The answer after the run was closed. */
export function runClosed(runId: string): AppError {
  return new AppError(
    "run_closed",
    `Cannot take part: run "${runId}" is closed`,
  );
}

function describe(e: PartEnvelope): string {
  return `${e.part_kind} of split ${e.split}${
    e.inference_name && ` "${e.inference_name}"`
  }, epoch ${e.epoch}, writer "${e.writer}", generation ${e.generation}, seq ${e.seq}`;
}

function positionOf(e: PartEnvelope): readonly unknown[] {
  return [
    e.part_kind,
    e.split,
    e.inference_name,
    e.epoch,
    e.writer,
    e.generation,
    e.seq,
    e.prediction_kind,
    e.content_type,
    e.content_encoding,
  ];
}

/** The parts with the envelope's key, or at its position: at most two. */
function partsLike(sql: Transaction, runId: string, e: PartEnvelope) {
  return sql`
    select * from assay.parts p where p.run_id = ${runId} and p.idempotency_key = ${e.idempotency_key}
    union
    select * from assay.parts p
    where p.run_id = ${runId} and p.writer = ${e.writer} and p.generation = ${e.generation} and p.part_kind = ${e.part_kind}
      and p.split = ${e.split} and p.inference_name = ${e.inference_name} and p.epoch = ${e.epoch} and p.seq = ${e.seq}`;
}

function knownPart(row: Row): KnownPart {
  return {
    partId: row.id,
    envelope: row as unknown as PartEnvelope,
    sizeBytes: Number(row.size_bytes),
    sha256: row.sha256,
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}
