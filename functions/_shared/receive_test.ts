import assert from "node:assert/strict";
import { meter, readContent } from "./receive.ts";

/** A body as it arrives: with its length announced or not. */
function received(text: string, announced: boolean): Response {
  const headers = announced ? { "content-length": String(text.length) } : {};
  return new Response(new Blob([text]).stream(), { headers });
}

Deno.test("meter() takes few announced bytes whole, any others as they come, and counts both alike", async () => {
  const whole = meter(received("abc", true));
  const bytes = await whole.read();
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(new TextDecoder().decode(bytes), "abc");
  const streamed = meter(received("abc", false));
  const stream = await streamed.read();
  assert.ok(stream instanceof ReadableStream);
  assert.equal(await new Response(stream).text(), "abc");
  assert.deepEqual(whole.content(), streamed.content());
  assert.equal(whole.content().sizeBytes, 3);

  const large = meter(received("x".repeat(2 << 20), true));
  assert.ok(await large.read() instanceof ReadableStream);
});

for (const announced of [true, false]) {
  const how = announced ? "announced" : "not announced";
  Deno.test(`meter() refuses nothing, and too much (${how})`, async () => {
    await assert.rejects(readContent(meter(received("", announced))), {
      code: "validation_failed",
      message: /its body is empty/,
    });
    await assert.rejects(readContent(meter(received("abcd", announced), 3)), {
      code: "too_large",
      message: /at most 3 bytes/,
    });
  });

  Deno.test(`readContent() says that a body broke off (${how})`, async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error("connection reset"));
      },
    });
    const headers = announced ? { "content-length": "4" } : {};
    const body = meter(new Response(broken, { headers }));
    await assert.rejects(readContent(body), {
      code: "validation_failed",
      message: /its body is empty|its body broke off/,
    });
  });
}
