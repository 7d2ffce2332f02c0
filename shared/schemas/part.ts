import { z } from "zod";
import { AppError } from "../errors.ts";
import type { FinishRequest, PartEnvelope } from "../types/part.ts";
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
      headers.get("idempotency-key") ?? "",
      "header Idempotency-Key",
    ),
    content_type: contentTypeOf(headers),
    content_encoding: contentEncodingOf(headers),
  };
}

function contentTypeOf(headers: Headers): string {
  const type = (headers.get("content-type") ?? "").split(";")[0]!.trim()
    .toLowerCase();
  if ((PART_CONTENT_TYPES as readonly string[]).includes(type)) return type;
  throw new AppError(
    "unsupported_media_type",
    `Cannot take part: Content-Type must be one of ${
      PART_CONTENT_TYPES.join(", ")
    }`,
  );
}

function contentEncodingOf(headers: Headers): string {
  const encoding = (headers.get("content-encoding") ?? "identity").trim()
    .toLowerCase();
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
