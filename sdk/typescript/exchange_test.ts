import assert from "node:assert/strict";
import { errorOf, exchange } from "./exchange.ts";
import { refusal, startFakeServer } from "./testing/fake_server.ts";

const errorIn = async (response: Response) =>
  errorOf({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  });

Deno.test("exchange() reads any answer, and says where there is none", async () => {
  await using server = startFakeServer();
  server.answers.push(new Response("no", { status: 418 }));
  const answer = await exchange({
    url: server.url,
    method: "GET",
    headers: {},
  });
  assert.deepEqual([answer.status, answer.text], [418, "no"]);
  const nobody = { url: "http://127.0.0.1:1/x?key=k", method: "GET" };
  await assert.rejects(exchange({ ...nobody, headers: {} }), {
    name: "AssayError",
    code: "unreachable",
    status: 0,
    message: /^Cannot reach http:\/\/127\.0\.0\.1:1 \(.+\)$/,
  });
});

Deno.test("errorOf() keeps the server's code, sentence and facts, and how long to wait", async () => {
  const asked = (seconds: string) => ({ "retry-after": seconds });
  const error = await errorIn(refusal(429, "busy", asked("3")));
  const { code, status, message, details, retryAfterMs } = error;
  assert.deepEqual([code, status, message], [
    "busy",
    429,
    "Cannot do it: busy",
  ]);
  assert.deepEqual([details, retryAfterMs], [{ missing: [1] }, 3000]);
  for (
    const [seconds, expected] of [["", null], ["soon", null], ["900", 60_000]]
  ) {
    const { retryAfterMs } = await errorIn(
      refusal(503, "busy", asked(seconds as string)),
    );
    assert.equal(retryAfterMs, expected);
  }
  for (const body of ["<p>Bad gateway</p>", '{"error": "Duplicate"}', "null"]) {
    const { code, message } = await errorIn(
      new Response(body, { status: 502 }),
    );
    assert.deepEqual([code, message], [
      "http_error",
      `The server answered 502: ${body}`,
    ]);
  }
});
