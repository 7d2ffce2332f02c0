/**
 * `deno task audit [--strict]`: whether a package that we use has a known weakness.
 *
 * Asks the registries that npm and pip are set to about the versions of `deno.lock` and of the pinned Python requirements. A weakness fails, whatever
 * its severity, unless `tools/audit/accepted.ts` says why we live with it. A registry that offers no advisories (mirrors often do not) is said, and fails
 * with `--strict` only.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ACCEPTED } from "./audit/accepted.ts";
import { type Audit, NoAdvisories } from "./audit/advisory.ts";
import { auditNpm, lockedPackages } from "./audit/npm_audit.ts";
import { auditPython, pinnedPackages } from "./audit/python_audit.ts";
import { outputOrNull } from "./command.ts";
import { findPython } from "./python/find_python.ts";
import { TEST_REQUIREMENTS } from "./python/venv.ts";
import { ROOT } from "./source_files.ts";

const PIP_INDEX =
  "from pip._internal.models.index import PyPI; print(PyPI.url)";

const { values } = parseArgs({
  args: Deno.args,
  options: { strict: { type: "boolean", default: false } },
});
const outcomes = [
  await audited("npm", npm),
  await audited("Python", python),
];
const isFailed = outcomes.includes("weak") ||
  (values.strict && outcomes.includes("unknown"));
Deno.exit(isFailed ? 1 : 0);

async function npm(): Promise<Audit> {
  const registry = Deno.env.get("NPM_CONFIG_REGISTRY") ||
    await outputOrNull("npm", ["config", "get", "registry"]);
  if (!registry) throw new NoAdvisories("is not known without npm");
  const lock = await Deno.readTextFile(join(ROOT, "deno.lock"));
  return await auditNpm(registry, lockedPackages(lock));
}

async function python(): Promise<Audit> {
  const interpreter = await findPython();
  const index = Deno.env.get("PIP_INDEX_URL") ||
    (interpreter && await outputOrNull(interpreter.path, ["-c", PIP_INDEX]));
  if (!index) throw new NoAdvisories("is not known without pip");
  const texts = TEST_REQUIREMENTS.map((path) => Deno.readTextFile(path));
  const pins = pinnedPackages(await Promise.all(texts));
  return await auditPython(new URL("/", index).href, pins);
}

async function audited(
  name: string,
  ask: () => Promise<Audit>,
): Promise<"clean" | "weak" | "unknown"> {
  try {
    const { nPackages, advisories } = await ask();
    const open = advisories.filter(({ id }) => !(id in ACCEPTED));
    for (const a of open) {
      print(`${name}: ${a.package}: ${a.severity}: ${a.title}, ${a.id}`);
    }
    print(
      `${name}: ${nPackages} packages, ${open.length} known weaknesses, ${
        advisories.length - open.length
      } accepted`,
    );
    return open.length > 0 ? "weak" : "clean";
  } catch (error) {
    if (!(error instanceof NoAdvisories)) throw error;
    print(`${name}: not audited, as its registry ${error.message}`);
    return "unknown";
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}
