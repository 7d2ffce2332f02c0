import assert from "node:assert/strict";
import { DEFAULT_MODELS } from "./encoders/model_file.ts";

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

Deno.test("Dockerfile.gpu brings the packages of each thread, which main.ts does not import", async () => {
  const text = await Deno.readTextFile(new URL("Dockerfile.gpu", ROOT));
  assert.match(
    text,
    /^RUN deno cache .* gpu-worker\/jobs\/\*_worker\.ts gpu-worker\/models\/model_child\.ts$/m,
  );
  await Deno.stat(new URL("models/model_child.ts", import.meta.url));
  const started = new Set<string>();
  for await (const { name } of Deno.readDir(new URL("jobs", import.meta.url))) {
    if (!name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(
      new URL(`jobs/${name}`, import.meta.url),
    );
    for (
      const [, file] of source.matchAll(
        /new URL\("\.\/(\w+\.ts)", import\.meta\.url\)/g,
      )
    ) started.add(file!);
  }
  assert.deepEqual([...started].sort(), [
    "encode_worker.ts",
    "fold_worker.ts",
    "infer_worker.ts",
    "score_worker.ts",
  ]);
});

Deno.test("Dockerfile.gpu copies the encoders that a worker has without internet", async () => {
  for (const place of Object.values(DEFAULT_MODELS)) {
    assert.ok(place.startsWith(new URL("gpu-worker/", ROOT).href), place);
    assert.ok((await Deno.stat(new URL(place))).isFile);
  }
  const ignored = await Deno.readTextFile(new URL(".dockerignore", ROOT)).catch(
    () => "",
  );
  assert.doesNotMatch(ignored, /onnx|models|gpu-worker/);
});

Deno.test("deno.lock names sharp's binaries for the platforms of the image", async () => {
  const lock = await Deno.readTextFile(new URL("deno.lock", ROOT));
  for (const name of ["sharp", "sharp-libvips"]) {
    for (const cpu of ["x64", "arm64"]) {
      assert.match(lock, new RegExp(`"@img/${name}-linux-${cpu}@`));
    }
  }
});
