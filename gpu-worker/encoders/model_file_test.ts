import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import {
  DEFAULT_MODELS,
  readModel,
  rememberModels,
  vocabularyOf,
} from "./model_file.ts";

/** Answers every request of `test` in place of the network. */
async function withFetch(
  answer: () => Response,
  test: () => Promise<void>,
): Promise<void> {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.resolve(answer());
  try {
    await test();
  } finally {
    globalThis.fetch = fetch;
  }
}

Deno.test("readModel() reads a path and a file URL", async () => {
  const path = await Deno.makeTempFile({ prefix: "model with space " });
  try {
    await Deno.writeFile(path, Uint8Array.of(1, 2));
    assert.deepEqual(await readModel(path), Uint8Array.of(1, 2));
    const url = pathToFileURL(path).href;
    assert.deepEqual(await readModel(url), Uint8Array.of(1, 2));
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readModel() reads an https URL", async () => {
  await withFetch(() => new Response(Uint8Array.of(3, 4)), async () => {
    assert.deepEqual(
      await readModel("https://models.test/a.onnx"),
      Uint8Array.of(3, 4),
    );
  });
});

Deno.test("readModel() refuses other URLs, answers that are no file, and files that are too large", async () => {
  await assert.rejects(readModel("http://models.test/a.onnx"), {
    name: "RangeError",
    message: /must be a path or an https URL: current value is "http:/,
  });
  await withFetch(() => new Response("no", { status: 404 }), async () => {
    await assert.rejects(readModel("https://models.test/a.onnx"), {
      name: "RangeError",
      message: /must be a file: current value is status 404/,
    });
  });
  await withFetch(() => new Response("12345"), async () => {
    await assert.rejects(readModel("https://models.test/a", undefined, 4), {
      name: "RangeError",
      message: /must have at most 4 bytes/,
    });
    assert.equal((await readModel("https://m.test/a", undefined, 5)).length, 5);
  });
});

Deno.test("readModel() passes on what a missing file says", async () => {
  await assert.rejects(readModel("/no/such.onnx"), Deno.errors.NotFound);
});

Deno.test("vocabularyOf() is a file beside the encoder", () => {
  assert.equal(vocabularyOf("/m/e5.onnx"), "/m/e5.vocab.json");
  assert.equal(vocabularyOf("/m/model"), "/m/model.vocab.json");
  assert.equal(
    vocabularyOf("https://m.test/e5.onnx?key=1"),
    "https://m.test/e5.vocab.json?key=1",
  );
  assert.equal(vocabularyOf(DEFAULT_MODELS.text), DEFAULT_MODELS.vocabulary);
});

Deno.test("rememberModels() reads each place once", async () => {
  const places: string[] = [];
  const read = rememberModels((place) => {
    places.push(place);
    return Promise.resolve(new TextEncoder().encode(place));
  });
  const [a, b, again] = await Promise.all([read("a"), read("b"), read("a")]);
  assert.deepEqual(places, ["a", "b"]);
  assert.equal(again, a);
  assert.notDeepEqual(a, b);
});
