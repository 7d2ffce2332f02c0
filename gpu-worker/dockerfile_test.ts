import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

Deno.test("Dockerfile.gpu copies what exists, and nothing of other rooms", async () => {
  const text = await Deno.readTextFile(new URL("Dockerfile.gpu", ROOT));
  const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((
    m,
  ) => m[1]!.split(" "));
  assert.deepEqual(sources.sort(), [
    "deno.json",
    "deno.lock",
    "gpu-worker",
    "import_map.json",
    "shared",
  ]);
  for (const source of sources) await Deno.stat(new URL(source, ROOT));
});

Deno.test("Dockerfile.gpu runs the Deno and the onnxruntime of the project, as an ordinary user", async () => {
  const text = await Deno.readTextFile(new URL("Dockerfile.gpu", ROOT));
  assert.match(text, /^USER 10001$/m);
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("import_map.json", ROOT)),
  );
  assert.match(
    imports["onnxruntime-node"],
    /@1\.30\./,
    "CUDA 13 is what 1.30 is built against: look at the base image again",
  );
});
