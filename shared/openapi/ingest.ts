import {
  finishRequestSchema,
  PART_CONTENT_TYPES,
  partAnnouncementSchema,
  partQuerySchema,
} from "../schemas/part.ts";
import { runRequestSchema } from "../schemas/run.ts";
import type { Operation } from "./operation.ts";

const SHA256 =
  "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

/**
 * Routes of `ingest`: the hot path.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function ingestOperations(): Record<string, Operation> {
  const key = {
    "Idempotency-Key": {
      says:
        "Names the part: the same key and bytes get the same answer, other bytes 409.",
      example: "training-0-0",
      isRequired: true,
      // What a header can carry; spaces at its ends are no part of it.
      schema: {
        type: "string",
        minLength: 1,
        maxLength: 200,
        pattern: "^[!-~]([ -~]*[!-~])?$",
      },
    },
  };
  const announced = {
    query: partQuerySchema(),
    headers: key,
    body: {
      schema: partAnnouncementSchema(),
      example: {
        content_type: PART_CONTENT_TYPES[0],
        size_bytes: 83_886_080,
        sha256: SHA256,
      },
    },
  } as const;
  const late = ["run_closed", "conflict", "idempotency_conflict"] as const;
  const unread = ["unsupported_media_type", "too_large"] as const;
  return {
    "PUT /ingest/v1/runs/:run_id": {
      summary: "Make a run",
      description:
        "The caller makes the id, so that a retry changes nothing. The same name again is a new attempt.",
      body: {
        schema: runRequestSchema({
          $ref: "#/components/schemas/MetadataSchema",
        }),
        example: {
          project: "mails",
          name: "first",
          label_names: ["ham", "spam"],
          metadata_schema: {
            type: "object",
            properties: { folder: { type: "string", maxLength: 200 } },
          },
        },
      },
      answers: {
        200: { says: "It was made before, the same.", schema: "RunReceipt" },
        201: { says: "Made.", schema: "RunReceipt" },
      },
      errors: ["conflict", "idempotency_conflict"],
    },
    "POST /ingest/v1/runs/:run_id/parts": {
      summary: "Send a part of a run",
      description:
        "At most 32 MB; larger ones go straight to Storage, by `sign` and `complete`. Bodies are not parsed here: the worker checks every row and lists those that it cannot use.",
      query: partQuerySchema(),
      headers: {
        ...key,
        "Content-Encoding": {
          says: "How the body is packed.",
          example: "gzip",
          isRequired: false,
          schema: { type: "string", enum: ["gzip", "identity"] },
        },
      },
      stream: {
        "application/vnd.apache.arrow.stream": undefined,
        "application/x-ndjson":
          '{"id": "a", "label": "ham", "text": "Lunch?"}\n{"id": "b", "label": "spam", "text": "Winner!"}\n',
        "application/json": [{ id: "a", label: "ham", text: "Lunch?" }],
      },
      answers: {
        200: {
          says: "The same bytes were taken before.",
          schema: "PartReceipt",
        },
        201: { says: "Taken.", schema: "PartReceipt" },
      },
      errors: [...late, ...unread],
    },
    "POST /ingest/v1/runs/:run_id/parts/sign": {
      summary: "Ask where to put a large part",
      description:
        "Then send its bytes with PUT to `upload_url`, and complete it.",
      ...announced,
      answers: {
        200: {
          says: "These bytes were taken before.",
          schema: "PartReceipt",
        },
        201: { says: "Where to put them.", schema: "PartUpload" },
      },
      errors: [...late, ...unread],
    },
    "POST /ingest/v1/runs/:run_id/parts/:part_id/complete": {
      summary: "Say that a large part lies in Storage",
      ...announced,
      answers: {
        200: { says: "It was completed before.", schema: "PartReceipt" },
        201: { says: "Taken.", schema: "PartReceipt" },
      },
      errors: [...late, ...unread],
    },
    "POST /ingest/v1/runs/:run_id/finish": {
      summary: "Finish a run",
      description:
        "One for each writer. When all have finished, the run is closed and its job begins.",
      body: {
        schema: finishRequestSchema(),
        example: {
          manifest: [{
            part_kind: "samples",
            split: "training",
            parts: 1,
            rows: 2,
          }],
        },
        isOptional: true,
      },
      answers: {
        200: {
          says: "Other writers have not finished.",
          schema: "FinishReceipt",
        },
        202: { says: "Closed; the job begins.", schema: "FinishReceipt" },
      },
      errors: ["parts_missing", "run_closed", "conflict", "unusable_input"],
    },
  };
}
