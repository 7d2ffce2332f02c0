// deno-lint-ignore-file camelcase
import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";
import { jsonSchemaOf } from "./_json_schema.ts";
import type { KeyScope, MemberRole } from "../types/project.ts";
import { parseWith, text } from "./_parse.ts";

const projectRequest = z.strictObject({ name: text(1, 200) });

/**
 * Parses the body of `POST /projects`.
 *
 * @param value Decoded JSON.
 * @returns The project's name.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseProjectRequest(
  value: unknown,
): { readonly name: string } {
  return parseWith(projectRequest, value, "project");
}

/** What is to change about a project; what is left out stays. */
export interface ProjectChanges {
  /** Its name. */
  readonly name?: string | undefined;
  /** Days a run is kept; null: until somebody deletes it. */
  readonly retention_days?: number | null | undefined;
  /** Days uploads are kept; null: as long as the run. */
  readonly parts_retention_days?: number | null | undefined;
}

const days = z.int().min(1).max(36_500).nullable().optional();
const projectChanges = z.strictObject({
  name: text(1, 200).optional(),
  retention_days: days,
  parts_retention_days: days,
}).refine(
  (changes) => Object.values(changes).some((value) => value !== undefined),
  "must name something to change: name, retention_days or parts_retention_days",
);

/**
 * Parses the body of `PATCH /projects/{id}`.
 *
 * @param value Decoded JSON.
 * @returns What is to change, at least one thing.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseProjectChanges(value: unknown): ProjectChanges {
  return parseWith(projectChanges, value, "project");
}

const memberRequest = z.strictObject({
  role: z.enum(["viewer", "editor", "owner"]),
});

/**
 * Parses the body of `PUT /projects/{id}/members/{user_id}`.
 *
 * @param value Decoded JSON.
 * @returns What the member may do.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseMemberRequest(
  value: unknown,
): { readonly role: MemberRole } {
  return parseWith(memberRequest, value, "member");
}

/** What a new API key is for. */
export interface KeyRequest {
  /** Its name. */
  readonly name: string;
  /** What it may do, at least one. */
  readonly scopes: readonly KeyScope[];
  /** ISO 8601; null: never. */
  readonly expiresAt: string | null;
}

const keyRequest = z.strictObject({
  name: text(1, 200),
  scopes: z.array(z.enum(["ingest", "read", "write", "admin"])).min(1).max(4)
    .transform((scopes) => [...new Set(scopes)]),
  expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
}).transform(({ expires_at: expiresAt, ...rest }) => ({ ...rest, expiresAt }));

/**
 * Parses the body of `POST /projects/{id}/keys`.
 *
 * @param value Decoded JSON.
 * @returns What the key is for.
 * @throws {AppError} `validation_failed` if `value` does not match.
 */
export function parseKeyRequest(value: unknown): KeyRequest {
  return parseWith(keyRequest, value, "API key");
}

/**
 * Body of `POST /projects`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function projectRequestSchema(): JsonSchema {
  return jsonSchemaOf(projectRequest);
}

/**
 * Body of `PATCH /projects/{id}`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function projectChangesSchema(): JsonSchema {
  return jsonSchemaOf(projectChanges);
}

/**
 * Body of `PUT /projects/{id}/members/{user_id}`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function memberRequestSchema(): JsonSchema {
  return jsonSchemaOf(memberRequest);
}

/**
 * Body of `POST /projects/{id}/keys`, as JSON Schema.
 *
 * @returns The schema, made anew.
 */
export function keyRequestSchema(): JsonSchema {
  return jsonSchemaOf(keyRequest);
}
