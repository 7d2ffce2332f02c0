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

Deno.test(
  "ensureVenv() makes one environment for two that want it at once, and keeps it",
  skip,
  async () => {
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
    assert.deepEqual(lines.filter((line) => line.startsWith("waiting")), [
      "waiting for another process that makes it",
    ]);
  },
);

Deno.test(
  "ensureVenv() makes another environment for other requirements",
  skip,
  async () => {
    await using place = await workplace();
    const first = await ensureVenv([place.file], place);
    await Deno.writeTextFile(place.file, "# nothing else\n");
    assert.notEqual(await ensureVenv([place.file], place), first);
  },
);

Deno.test(
  "ensureVenv() makes a half-made environment again",
  skip,
  async () => {
    await using place = await workplace();
    const python = await ensureVenv([place.file], place);
    const folder = dirname(dirname(python));
    await Deno.remove(join(folder, "assay-made"));
    await Deno.writeTextFile(join(folder, "rest"), "");
    assert.equal(await ensureVenv([place.file], place), python);
    await assert.rejects(Deno.stat(join(folder, "rest")), Deno.errors.NotFound);
  },
);

Deno.test(
  "ensureVenv() removes environments that nobody used for a month",
  skip,
  async () => {
    await using place = await workplace();
    const [old, recent] = ["0123456789abcdef", "fedcba9876543210"];
    for (const [name, days] of [[old!, 31], [recent!, 29]] as const) {
      const mark = join(place.cache, `python-${name}`, "assay-made");
      await Deno.mkdir(dirname(mark), { recursive: true });
      await Deno.writeTextFile(mark, "");
      const at = new Date(Date.now() - days * 24 * 60 * 60_000);
      await Deno.utime(mark, at, at);
    }
    const python = await ensureVenv([place.file], place);
    const left = await Array.fromAsync(Deno.readDir(place.cache));
    assert.deepEqual(
      left.filter((entry) => entry.isDirectory).map(({ name }) => name).sort(),
      [`python-${recent}`, basename(dirname(dirname(python)))].sort(),
    );
  },
);

Deno.test(
  "ensureVenv() says what pip could not install, and leaves nothing that counts as made",
  skip,
  async () => {
    await using place = await workplace();
    await Deno.writeTextFile(place.file, "./no-such-folder\n");
    for (let attempt = 0; attempt < 2; attempt++) {
      await assert.rejects(
        ensureVenv([place.file], place),
        /Cannot install with pip: .*no-such-folder/s,
      );
    }
  },
);
