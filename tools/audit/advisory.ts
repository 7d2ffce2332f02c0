/** A known weakness of a package that we use. */
export interface Advisory {
  /** Name and version, such as `hono@4.13.19`. */
  readonly package: string;
  /** Of the registry, such as `GHSA-...` or `PYSEC-...`. */
  readonly id: string;
  /** How bad, where the registry says so. */
  readonly severity: string;
  /** What it is. */
  readonly title: string;
}

/** Packages that a registry was asked about. */
export interface Audit {
  readonly nPackages: number;
  readonly advisories: readonly Advisory[];
}

/** Why a registry's advisories are not to be had here. It is no finding: nothing can be said. */
export class NoAdvisories extends Error {}

/** JSON of an answer, or {@linkcode NoAdvisories}. */
export async function advisoriesOf(
  url: string,
  init: RequestInit = {},
  // deno-lint-ignore no-explicit-any -- JSON of many shapes
): Promise<any> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      signal: AbortSignal.timeout(60_000),
    });
  } catch (error) {
    throw new NoAdvisories(`does not answer: ${(error as Error).message}`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new NoAdvisories(
      `offers no advisories here: status ${response.status}`,
    );
  }
  try {
    return await response.json();
  } catch {
    throw new NoAdvisories(
      "offers no advisories here: its answer is no JSON",
    );
  }
}
