import { advisoriesOf, type Advisory, type Audit } from "./advisory.ts";

const PIN_REGEXP = /^([A-Za-z0-9._-]+)==([^\s;]+)/;

/** Pairs of name and version that requirements files pin, whatever their markers say. */
export function pinnedPackages(
  requirements: readonly string[],
): [name: string, version: string][] {
  const found = new Map<string, [string, string]>();
  for (const line of requirements.join("\n").split("\n")) {
    const [pin, name, version] = PIN_REGEXP.exec(line) ?? [];
    if (pin !== undefined) found.set(pin, [name!, version!]);
  }
  return [...found.values()];
}

/**
 * Asks a Python package index about packages, each by its JSON page.
 *
 * @param index Base URL.
 * @param packages Name and version of each.
 * @throws {NoAdvisories} If it cannot say.
 */
export async function auditPython(
  index: string,
  packages: readonly (readonly [name: string, version: string])[],
): Promise<Audit> {
  const advisories: Advisory[] = [];
  for (const [name, version] of packages) {
    const page = await advisoriesOf(
      new URL(`pypi/${name}/${version}/json`, index).href,
    );
    for (const a of page.vulnerabilities ?? []) {
      if (a.withdrawn) continue;
      const fixed = a.fixed_in?.length > 0
        ? `fixed in ${a.fixed_in.join(", ")}`
        : "no fix yet";
      advisories.push({
        package: `${name}@${version}`,
        id: a.id,
        severity: "unknown",
        title: `${a.summary || a.details?.slice(0, 100)} (${fixed})`,
      });
    }
  }
  return { nPackages: packages.length, advisories };
}
