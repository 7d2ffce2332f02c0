// deno-lint-ignore-file camelcase
/**
 * What the edge answers of projects, their members and keys.
 *
 * @module
 */
import { z } from "zod";
import type { ApiKey, Member, Project } from "../types/project.ts";
import { days, instant, role, uuid } from "./_answer_fields.ts";

const scopes = z.array(z.enum(["ingest", "read", "write", "admin"]));
const projectFields = {
  project_id: uuid,
  name: z.string(),
  role: role.nullable(),
  retention_days: days,
  parts_retention_days: days,
  created_at: instant,
};
export const project: z.ZodType<Project> = z.strictObject(projectFields);
export const member: z.ZodType<Member> = z.strictObject({
  user_id: uuid,
  role,
  created_at: instant,
});
export const keyFields = {
  key_id: uuid,
  prefix: z.string(),
  name: z.string(),
  scopes,
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
};
export const apiKey: z.ZodType<ApiKey> = z.strictObject(keyFields);
