import type { Operation } from "./operation.ts";

/**
 * Routes that both functions have.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function systemOperations(): Record<string, Operation> {
  return Object.fromEntries(
    ["ingest", "api"].flatMap((slug): [string, Operation][] => [
      [`GET /${slug}/v1/health`, {
        summary: "Whether the function runs",
        answers: { 200: { says: "It does.", schema: "Health" } },
      }],
      [`GET /${slug}/v1/ready`, {
        summary: "Whether database and Storage answer",
        answers: { 200: { says: "They do.", schema: "Health" } },
        errors: ["upstream_unavailable"],
      }],
      [`GET /${slug}/v1/openapi.json`, {
        summary: "This document",
        answers: {
          200: { says: "OpenAPI 3.1, of both functions.", schema: "Document" },
        },
      }],
    ]),
  );
}
