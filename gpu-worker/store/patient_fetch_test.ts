import assert from "node:assert/strict";
import { patientFetch } from "./patient_fetch.ts";

/** Answers one after the other; 0: nobody answers. Tells which bodies arrived. */
function answering(statuses: number[]) {
  const bodies: string[] = [];
  const fetch = patientFetch(async (_, init) => {
    bodies.push(await new Response(init?.body ?? null).text());
    const status = statuses.shift()!;
    if (status === 0) throw new TypeError("connection refused");
    return new Response(String(status), { status });
  }, { timeoutMs: 1000, delaysMs: [1, 1, 1] });
  return { fetch, bodies };
}

Deno.test("patientFetch() sends again, with its body, what nobody answered or was answered 429 or 5xx", async () => {
  const { fetch, bodies } = answering([0, 429, 503, 200]);
  const response = await fetch("http://storage", {
    method: "POST",
    body: new Uint8Array([97]),
  });
  assert.equal(response.status, 200);
  assert.deepEqual(bodies, ["a", "a", "a", "a"]);
});

Deno.test("patientFetch() gives the last answer when its patience ends", async () => {
  const away = answering([500, 500, 500, 502]);
  assert.equal((await away.fetch("http://storage")).status, 502);
  const gone = answering([0, 0, 0, 0]);
  await assert.rejects(gone.fetch("http://storage"), /connection refused/);
  assert.equal(gone.bodies.length, 4);
});

Deno.test("patientFetch() takes every other answer as it is", async () => {
  for (const status of [200, 206, 400, 404, 409]) {
    const { fetch, bodies } = answering([status]);
    assert.equal((await fetch("http://storage")).status, status);
    assert.equal(bodies.length, 1);
  }
});

Deno.test("patientFetch() ends a try that hangs, and what was aborted", async () => {
  const hang = (_: unknown, init?: RequestInit) =>
    new Promise<Response>((_, reject) =>
      init!.signal!.addEventListener(
        "abort",
        () => reject(init!.signal!.reason),
      )
    );
  const fetch = patientFetch(hang, { timeoutMs: 5, delaysMs: [] });
  await assert.rejects(fetch("http://storage"), { name: "TimeoutError" });
  const patient = patientFetch(hang, { timeoutMs: 60_000, delaysMs: [1] });
  const stopping = new AbortController();
  const asked = patient("http://storage", { signal: stopping.signal });
  stopping.abort(new Error("stopped"));
  await assert.rejects(asked, /stopped/);
});
