import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { outputOf } from "./command.ts";
import { findPython, noPython } from "./python/find_python.ts";
import { buildPython } from "./release/python_packages.ts";
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

/** How long `import assay` takes after `import numpy`, in milliseconds, as `python -X importtime` tells. */
async function importMs(python: string): Promise<number> {
  const { stderr } = await new Deno.Command(python, {
    args: ["-I", "-X", "importtime", "-c", "import numpy, assay"],
  }).output();
  const text = new TextDecoder().decode(stderr);
  const line = /^import time:\s+\d+ \|\s+(\d+) \| assay$/m.exec(text);
  assert.ok(line, text);
  return Number(line[1]) / 1000;
}

/** A checkout that has a package of nothing but what the real one imports at once. */
async function standIn(folder: string): Promise<string> {
  const sdk = join(folder, "sdk", "python");
  await Deno.mkdir(join(sdk, "src", "assay"), { recursive: true });
  await Deno.copyFile(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await Deno.writeTextFile(
    join(sdk, "pyproject.toml"),
    `[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "assay-ml"
version = "0.1.0"
requires-python = ">=3.10"
dependencies = ["numpy>=1.24", "pyarrow>=14"]
[tool.hatch.build.targets.wheel]
packages = ["src/assay"]
`,
  );
  await Deno.writeTextFile(
    join(sdk, "src", "assay", "__init__.py"),
    "import json\nimport http.client\nimport numpy\n",
  );
  return folder;
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

Deno.test({
  name:
    "the wheel of the Python SDK brings numpy and pyarrow, and `import assay` loads numpy alone",
  ...skipIf(await noPython()),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const built = await buildPython(
        await standIn(join(folder, "checkout")),
        folder,
      );
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

      const ofNumpy = await modulesOf(python, "numpy");
      assert.ok(ofNumpy.includes("numpy"));
      assert.deepEqual(
        await modulesOf(python, "assay"),
        [...ofNumpy, "assay"].sort(),
      );
      const ms = (await importMs(python)).toFixed(1);
      const line = `import assay takes ${ms} ms more than import numpy\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(line));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function packagesOf(python: string): Promise<string[]> {
  const list = await outputOf(python, [
    ...["-m", "pip", "--disable-pip-version-check"],
    ...["list", "--format", "json"],
  ]);
  return JSON.parse(list).map(({ name }: { name: string }) => name).sort();
}
