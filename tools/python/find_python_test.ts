import assert from "node:assert/strict";
import { join } from "node:path";
import { findPython, noPython } from "./find_python.ts";

/** A program that answers as a Python would. */
async function fakePython(folder: string, body: string): Promise<string> {
  const path = join(folder, crypto.randomUUID().slice(0, 8));
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}

Deno.test({
  name:
    "findPython() takes the first that answers, over broken and missing ones",
  ignore: Deno.build.os === "windows", // a shell script plays Python
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const old = await fakePython(folder, "echo AssertionError >&2; exit 1");
      const good = await fakePython(folder, "echo /opt/python; echo 3.13.2");
      const later = await fakePython(folder, "echo /opt/later; echo 3.14.0");
      const names = [join(folder, "missing"), old, good, later];
      assert.deepEqual(await findPython(names), {
        path: "/opt/python",
        version: "3.13.2",
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("noPython() says what to install if there is none", async () => {
  assert.equal(await findPython(["assay-no-such-python"]), null);
  assert.match(
    await noPython(["assay-no-such-python"]) ?? "",
    /^no CPython 3\.10.*install python3/,
  );
});
