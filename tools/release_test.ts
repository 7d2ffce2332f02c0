import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { outputOf } from "./command.ts";
import { findPython, noPython } from "./python/find_python.ts";
import { buildPython } from "./release/python_packages.ts";
import { disagreement, pep440, readVersions } from "./release/versions.ts";
import { ROOT } from "./source_files.ts";

const LIST_MODULES = `
import json, sys
own = {*sys.stdlib_module_names, *sys.modules}
__import__(sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} - own)))`;

/** Top-level modules beside the standard library's that importing one loads. */
async function modulesOf(python: string, name: string): Promise<string[]> {
  return JSON.parse(await outputOf(python, ["-I", "-c", LIST_MODULES, name]));
}

/** How long `import numpy`, and `import assay` after it, take in milliseconds, as `python -X importtime` tells; the least of five runs. */
async function importMs(
  python: string,
): Promise<{ numpy: number; assay: number }> {
  const least = { numpy: Infinity, assay: Infinity };
  for (let run = 0; run < 5; run++) {
    const { stderr } = await new Deno.Command(python, {
      args: ["-I", "-X", "importtime", "-c", "import numpy, assay"],
    }).output();
    const text = new TextDecoder().decode(stderr);
    for (const name of ["numpy", "assay"] as const) {
      const line = new RegExp(`\\| +(\\d+) \\| ${name}$`, "m").exec(text);
      assert.ok(line, text);
      least[name] = Math.min(least[name], Number(line[1]) / 1000);
    }
  }
  return least;
}

Deno.test("the npm package depends on the version of each package that import_map.json pins", async () => {
  const read = async (path: string) =>
    JSON.parse(await Deno.readTextFile(join(ROOT, path)));
  const { imports } = await read("import_map.json");
  const { dependencies } = await read("sdk/typescript/npm/package.json");
  for (const [name, version] of Object.entries(dependencies)) {
    assert.equal(imports[name], `npm:${name}@${version}`);
  }
});

Deno.test("the packages and the changelog have one version", async () => {
  const versions = await readVersions(ROOT, ["npm", "python"]);
  assert.equal(disagreement(versions), null);
});

Deno.test({
  name:
    "the wheel of the Python SDK brings numpy and pyarrow, and `import assay` loads numpy alone",
  ...skipIf(await noPython()),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const built = await buildPython(ROOT, folder);
      assert.deepEqual(
        built.map((path) => basename(path).replace(/-\d[^-]*?(?=-|\.tar)/, "")),
        ["assay_ml-py3-none-any.whl", "assay_ml.tar.gz"],
      );

      const base = (await findPython())!.path;
      await outputOf(base, ["-m", "venv", join(folder, "venv")]);
      const bin = Deno.build.os === "windows" ? "Scripts" : "bin";
      const python = join(folder, "venv", bin, "python");
      const pip = ["-m", "pip", "--disable-pip-version-check"];
      const bare = await packagesOf(python);
      await outputOf(python, [
        ...pip,
        "install",
        "--only-binary",
        ":all:",
        built[0]!,
      ]);
      const added = (await packagesOf(python)).filter((name) =>
        !bare.includes(name)
      );
      assert.deepEqual(added, ["assay-ml", "numpy", "pyarrow"]);

      const command = join(folder, "venv", bin, "assay");
      assert.equal(
        (await outputOf(command, ["--version"])).trim(),
        pep440((await readVersions(ROOT, ["python"]))["CHANGELOG.md"]!),
      );

      const ofNumpy = await modulesOf(python, "numpy");
      assert.ok(ofNumpy.includes("numpy"));
      assert.deepEqual(
        await modulesOf(python, "assay"),
        [...ofNumpy, "assay"].sort(),
      );
      const ms = await importMs(python);
      print(
        `import numpy takes ${ms.numpy.toFixed(0)} ms, import assay ${
          ms.assay.toFixed(0)
        } ms more`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

async function packagesOf(python: string): Promise<string[]> {
  const list = await outputOf(python, [
    ...["-m", "pip", "--disable-pip-version-check"],
    ...["list", "--format", "json"],
  ]);
  return JSON.parse(list).map(({ name }: { name: string }) => name).sort();
}
