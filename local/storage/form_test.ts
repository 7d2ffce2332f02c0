import assert from "node:assert/strict";
import { readForm } from "./form.ts";

function chunked(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

const TYPE = "multipart/form-data; boundary=xx";
const FORM = [
  "--xx",
  'Content-Disposition: form-data; name="cacheControl"',
  "",
  "10",
  "--xx",
  'Content-Disposition: form-data; name=""; filename="a"',
  "Content-Type: text/plain",
  "",
  "one\r\n--x\r\n--xy is no end\r\n\r\n",
  "--xx--",
  "",
].join("\r\n");

Deno.test("readForm() gives fields and file however the body is cut into chunks", async () => {
  for (let size = 1; size < 60; size++) {
    const { fields, contentType, file } = await readForm(
      chunked(FORM, size),
      TYPE,
    );
    assert.deepEqual([...fields], [["cacheControl", "10"]]);
    assert.equal(contentType, "text/plain");
    assert.equal(
      await new Response(file).text(),
      "one\r\n--x\r\n--xy is no end\r\n\r\n",
      `chunks of ${size}`,
    );
  }
});

Deno.test("readForm() reads what FormData writes", async () => {
  const form = new FormData();
  form.append("metadata", '{"ä":1}');
  form.append("", new Blob(["bytes"], { type: "image/png" }));
  const request = new Request("http://x", { method: "POST", body: form });
  const { fields, contentType, file } = await readForm(
    request.body,
    request.headers.get("content-type")!,
  );
  assert.equal(fields.get("metadata"), '{"ä":1}');
  assert.equal(contentType, "image/png");
  assert.equal(await new Response(file).text(), "bytes");
});

Deno.test("readForm() holds no more than a chunk of the file", async () => {
  const mebibyte = new Uint8Array(1 << 20).fill(65);
  const head = FORM.slice(0, FORM.indexOf("one"));
  let made = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (made === 0) controller.enqueue(new TextEncoder().encode(head));
      if (made < 64) controller.enqueue(mebibyte);
      else {
        controller.enqueue(new TextEncoder().encode("\r\n--xx--\r\n"));
        controller.close();
      }
      made++;
    },
  });
  let read = 0;
  const { file } = await readForm(body, TYPE);
  for await (const chunk of file) {
    read += chunk.length;
    const ahead = made - read / (1 << 20);
    assert.ok(ahead < 4, `${ahead} chunks were read ahead`);
  }
  assert.equal(read, 64 << 20);
});

Deno.test("readForm() refuses a form that breaks off, has no file, or no boundary", async () => {
  const cut = await readForm(chunked(FORM.slice(0, -12), 9), TYPE);
  await assert.rejects(new Response(cut.file).text());
  const noFile = '--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nb';
  await assert.rejects(
    readForm(chunked(`${noFile}\r\n--xx--\r\n`, 9), TYPE),
    { message: "No content provided" },
  );
  await assert.rejects(readForm(chunked(noFile, 9), TYPE), {
    message: "Unexpected end of form",
  });
  await assert.rejects(readForm(chunked(FORM, 9), "multipart/form-data"), {
    message: "Multipart: Boundary not found",
  });
});
