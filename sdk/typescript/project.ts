import { AssayError } from "./error.ts";
import type { Transport } from "./transport.ts";

/**
 * Project of an API key, for a caller who names none.
 *
 * @throws {AssayError} `no_project` if the caller has none, or several.
 */
export async function ownProject(
  transport: Transport,
  signal?: AbortSignal,
): Promise<string> {
  const { projects } = await transport.send<
    { projects: { project_id: string }[] }
  >({ method: "GET", path: "api/v1/me", signal });
  if (projects.length !== 1) {
    throw new AssayError(
      "no_project",
      0,
      `Cannot tell the project as one of ${projects.length} must be meant: name projectId`,
    );
  }
  return projects[0]!.project_id;
}
