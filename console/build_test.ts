import assert from "node:assert/strict";
import { join } from "node:path";
import { buildConsole } from "./build.ts";

Deno.test("buildConsole() writes a page that names its files, twice the same, within 60 KB gzipped", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const first = await buildConsole(dir);
    await Deno.writeTextFile(join(dir, "app-00000000.js"), "of an older build");
    const second = await buildConsole(dir);
    assert.deepEqual(second, first);
    const names = Array.from(Deno.readDirSync(dir), (entry) => entry.name);
    assert.deepEqual(names.toSorted(), first.map((f) => f.name).toSorted());

    const html = await Deno.readTextFile(join(dir, "index.html"));
    for (const { name } of first) {
      if (name !== "index.html") assert.ok(html.includes(`"/${name}"`), name);
    }
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style| style=| on\w+=/);
    const gzipBytes = first.reduce((sum, file) => sum + file.gzipBytes, 0);
    assert.ok(gzipBytes <= 60 * 1024, `${gzipBytes} bytes`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
