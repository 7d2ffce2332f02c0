import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { skipIf } from "@testing/skip.ts";
import { noPython } from "./find_python.ts";
import { ensureVenv } from "./venv.ts";

const skip = skipIf(await noPython());

/** A cache folder and a requirements file that asks for nothing, so that no registry is needed. */
async function workplace(): Promise<
  { cache: string; file: string } & AsyncDisposable
> {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "requirements.txt");
  await Deno.writeTextFile(file, "# nothing\n");
  return {
    cache: join(folder, "cache"),
    file,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function folderOf(python: string): string {
  return dirname(dirname(python));
}

Deno.test({
  name:
    "ensureVenv() makes one environment for two that want it at once, and keeps it",
  ...skip,
  async fn() {
    await using place = await workplace();
    const lines: string[] = [];
    const options = {
      cache: place.cache,
      onProgress: (line: string) => void lines.push(line),
    };
    const [first, second] = await Promise.all([
      ensureVenv([place.file], options),
      ensureVenv([place.file], options),
    ]);
    assert.equal(first, second);
    assert.equal(await ensureVenv([place.file], options), first);
    assert.equal(lines.filter((line) => line.startsWith("making")).length, 1);
    assert.equal(lines.filter((line) => line.startsWith("waiting")).length, 1);
  },
});

Deno.test({
  name:
    "ensureVenv() makes a half-made environment again, and another one for other requirements",
  ...skip,
  async fn() {
    await using place = await workplace();
    const python = await ensureVenv([place.file], place);
    await Deno.remove(join(folderOf(python), "assay-made"));
    const rest = join(folderOf(python), "rest");
    await Deno.writeTextFile(rest, "");
    assert.equal(await ensureVenv([place.file], place), python);
    await assert.rejects(Deno.stat(rest), Deno.errors.NotFound);
    await Deno.writeTextFile(place.file, "# nothing else\n");
    assert.notEqual(await ensureVenv([place.file], place), python);
  },
});

Deno.test({
  name: "ensureVenv() removes environments that nobody used for a month",
  ...skip,
  async fn() {
    await using place = await workplace();
    const old = "python-0123456789abcdef";
    const recent = "python-fedcba9876543210";
    for (const [name, days] of [[old, 31], [recent, 29]] as const) {
      const mark = join(place.cache, name, "assay-made");
      await Deno.mkdir(dirname(mark), { recursive: true });
      await Deno.writeTextFile(mark, "");
      const at = new Date(Date.now() - days * 24 * 60 * 60_000);
      await Deno.utime(mark, at, at);
    }
    const own = basename(folderOf(await ensureVenv([place.file], place)));
    const left = await Array.fromAsync(Deno.readDir(place.cache));
    assert.deepEqual(
      left.filter((entry) => entry.isDirectory).map(({ name }) => name).sort(),
      [own, recent].sort(),
    );
  },
});

Deno.test({
  name:
    "ensureVenv() says what pip could not install, and leaves nothing that counts as made",
  ...skip,
  async fn() {
    await using place = await workplace();
    await Deno.writeTextFile(place.file, "./no-such-folder\n");
    await assert.rejects(
      ensureVenv([place.file], place),
      /Cannot install with pip: .*no-such-folder/s,
    );
    for await (const { name, isDirectory } of Deno.readDir(place.cache)) {
      const mark = join(place.cache, name, "assay-made");
      if (isDirectory) await assert.rejects(Deno.stat(mark));
    }
  },
});
