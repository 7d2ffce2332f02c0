import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import { AppError } from "../errors.ts";
import type {
  FinishRequest,
  PartAnnouncement,
  PartEnvelope,
} from "../types/part.ts";
import { count, countText, parseWith, split, text } from "./_parse.ts";

/** Media types a part may have; the worker reads each. */
export const PART_CONTENT_TYPES = [
  "application/vnd.apache.arrow.stream",
  "application/x-ndjson",
  "application/json",
] as const;

const partQuery = z.strictObject({
  kind: z.enum(["samples", "outputs"]),
  split,
  inference_name: text(0, 200).default(""),
  epoch: countText.default(0),
  writer: text(1, 100).default("0"),
  generation: countText.default(0),
  seq: countText,
  prediction_kind: z.enum(["in_sample", "out_of_sample"]).optional(),
}).superRefine((query, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if ((query.split === "inference") !== (query.inference_name !== "")) {
    complain(
      "inference_name",
      "is needed with split inference, and only there",
    );
  }
  if (query.kind === "samples") {
    if (query.epoch !== 0) complain("epoch", "is for outputs only");
    if (query.prediction_kind !== undefined) {
      complain("prediction_kind", "is for outputs only");
    }
  }
});

/**
 * Parses the envelope of `POST /runs/{run_id}/parts`; the body is not looked at.
 *
 * @param query The query string's parameters.
 * @param headers The request's headers.
 * @returns The envelope, defaults filled in.
 * @throws {AppError} `validation_failed`, or `unsupported_media_type` for a content type or encoding we do not read.
 */
export function parsePartEnvelope(
  query: Readonly<Record<string, string>>,
  headers: Headers,
): PartEnvelope {
  return envelopeOf(query, {
    key: headers.get("idempotency-key"),
    type: headers.get("content-type"),
    encoding: headers.get("content-encoding"),
  });
}

function envelopeOf(
  query: Readonly<Record<string, string>>,
  said: {
    readonly key: string | null;
    readonly type: string | null;
    readonly encoding: string | null;
  },
): PartEnvelope {
  const { kind, prediction_kind: predictionKind, ...rest } = parseWith(
    partQuery,
    query,
    "part envelope",
  );
  return {
    ...rest,
    part_kind: kind,
    prediction_kind: kind === "samples" ? null : predictionKind ??
      (rest.split === "training" ? "in_sample" : "out_of_sample"),
    idempotency_key: parseWith(
      text(1, 200),
      said.key ?? "",
      "header Idempotency-Key",
    ),
    content_type: contentTypeOf(said.type ?? ""),
    content_encoding: contentEncodingOf(said.encoding ?? "identity"),
  };
}

const announcement = z.strictObject({
  content_type: z.string(),
  content_encoding: z.string().default("identity"),
  size_bytes: z.int().min(1),
  sha256: z.string().regex(
    /^[0-9a-f]{64}$/i,
    "must be 64 hexadecimal digits",
  ).transform((text) => text.toLowerCase()),
});

/**
 * Parses a part whose bytes go straight to Storage: the envelope as {@linkcode parsePartEnvelope} does, with the body's word on the bytes.
 *
 * @param query The query string's parameters.
 * @param headers The request's headers; only `Idempotency-Key` is looked at.
 * @param value Decoded JSON.
 * @returns The envelope, and what is said of the bytes.
 * @throws {AppError} `validation_failed`, or `unsupported_media_type` for a content type or encoding we do not read.
 */
export function parseAnnouncedPart(
  query: Readonly<Record<string, string>>,
  headers: Headers,
  value: unknown,
): { readonly envelope: PartEnvelope; readonly announced: PartAnnouncement } {
  const announced = parseWith(announcement, value, "part announcement");
  const key = headers.get("idempotency-key");
  const envelope = envelopeOf(query, {
    key,
    type: announced.content_type,
    encoding: announced.content_encoding,
  });
  return {
    envelope,
    announced: {
      ...announced,
      content_type: envelope.content_type,
      content_encoding: envelope.content_encoding,
    },
  };
}

function contentTypeOf(said: string): string {
  const type = said.split(";")[0]!.trim().toLowerCase();
  if ((PART_CONTENT_TYPES as readonly string[]).includes(type)) return type;
  throw new AppError(
    "unsupported_media_type",
    `Cannot take part: Content-Type must be one of ${
      PART_CONTENT_TYPES.join(", ")
    }`,
  );
}

function contentEncodingOf(said: string): string {
  const encoding = said.trim().toLowerCase();
  if (encoding === "identity" || encoding === "gzip") return encoding;
  throw new AppError(
    "unsupported_media_type",
    "Cannot take part: Content-Encoding must be gzip or identity",
  );
}

const MAX_PARTS = 1_000_000;

const finishRequest = z.strictObject({
  writer: text(1, 100).default("0"),
  generation: count.default(0),
  manifest: z.array(
    z.strictObject({
      part_kind: z.enum(["samples", "outputs"]),
      split,
      inference_name: text(0, 200).default(""),
      epoch: count.default(0),
      parts: count,
      rows: z.int().min(0),
    }),
  ).refine(
    (entries) =>
      entries.reduce((sum, entry) => sum + entry.parts, 0) <= MAX_PARTS,
    `may name at most ${MAX_PARTS} parts`,
  ).refine(
    (entries) =>
      new Set(
        entries.map((e) =>
          JSON.stringify([e.part_kind, e.split, e.inference_name, e.epoch])
        ),
      ).size === entries.length,
    "must have one entry per part_kind, split, inference_name and epoch",
  ).nullable().default(null),
  incomplete: z.boolean().default(false),
});

/**
 * Parses the body of `POST /runs/{run_id}/finish`; what is left out gets its default.
 *
 * @param value Decoded JSON.
 * @returns The request.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseFinishRequest(value: unknown): FinishRequest {
  return parseWith(finishRequest, value, "finish request");
}

/**
 * Query of `POST /runs/{run_id}/parts`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function partQuerySchema(): JsonSchema {
  return jsonSchemaOf(partQuery);
}

/**
 * Body of `POST /runs/{run_id}/parts/sign` and of `…/complete`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function partAnnouncementSchema(): JsonSchema {
  return jsonSchemaOf(announcement);
}

/**
 * Body of `POST /runs/{run_id}/finish`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function finishRequestSchema(): JsonSchema {
  return jsonSchemaOf(finishRequest);
}
