import { pageQuerySchema } from "../schemas/page.ts";
import {
  keyRequestSchema,
  memberRequestSchema,
  projectChangesSchema,
  projectRequestSchema,
} from "../schemas/project.ts";
import type { Operation } from "./operation.ts";

/**
 * Routes about projects, their members and keys.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function projectOperations(): Record<string, Operation> {
  const base = "/api/v1/projects";
  const one = `${base}/:project_id`;
  return {
    "GET /api/v1/me": {
      summary: "Who is calling",
      answers: {
        200: { says: "The caller and their projects.", schema: "Me" },
      },
    },
    [`GET ${base}`]: {
      summary: "List projects",
      query: pageQuerySchema(),
      answers: { 200: { says: "Oldest first.", schema: "Projects" } },
    },
    [`POST ${base}`]: {
      summary: "Make a project",
      body: { schema: projectRequestSchema(), example: { name: "mails" } },
      answers: {
        201: { says: "Made; the caller owns it.", schema: "Project" },
      },
    },
    [`GET ${one}`]: {
      summary: "Read a project",
      answers: { 200: { says: "The project.", schema: "Project" } },
    },
    [`PATCH ${one}`]: {
      summary: "Change a project",
      body: {
        schema: projectChangesSchema(),
        example: { name: "support mails", retention_days: 90 },
      },
      answers: { 200: { says: "As it is now.", schema: "Project" } },
    },
    [`DELETE ${one}`]: {
      summary: "Delete a project with all that is in it",
      answers: {
        202: { says: "Gone; a job removes it.", schema: "NewJob" },
      },
    },
    [`GET ${one}/members`]: {
      summary: "List members",
      query: pageQuerySchema(),
      answers: { 200: { says: "Oldest first.", schema: "Members" } },
    },
    [`PUT ${one}/members/:user_id`]: {
      summary: "Add a member, or change what they may do",
      body: { schema: memberRequestSchema(), example: { role: "editor" } },
      answers: { 200: { says: "The member.", schema: "Member" } },
      errors: ["conflict"],
    },
    [`DELETE ${one}/members/:user_id`]: {
      summary: "End a membership",
      answers: { 204: { says: "Ended." } },
      errors: ["conflict"],
    },
    [`GET ${one}/keys`]: {
      summary: "List API keys",
      query: pageQuerySchema(),
      answers: {
        200: { says: "Those not revoked, oldest first.", schema: "ApiKeys" },
      },
    },
    [`POST ${one}/keys`]: {
      summary: "Make an API key",
      body: {
        schema: keyRequestSchema(),
        example: { name: "training", scopes: ["ingest"] },
      },
      answers: {
        201: {
          says: "The key with its token, shown this once.",
          schema: "NewApiKey",
        },
      },
    },
    [`DELETE ${one}/keys/:key_id`]: {
      summary: "Revoke an API key",
      answers: { 204: { says: "Revoked." } },
    },
  };
}
