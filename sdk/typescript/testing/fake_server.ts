// deno-lint-ignore-file camelcase
/** A request as the fake server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A server that notes what it gets and answers what the test says; by default it takes everything. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
  /** Answers to come instead of success, first in first out; null: as usual. */
  readonly answers: (Response | null)[];
}

/** Starts one. */
export function startFakeServer(): FakeServer {
  const seen: Seen[] = [];
  const answers: (Response | null)[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (request) => {
    const url = new URL(request.url);
    seen.push({
      method: request.method,
      path: url.pathname.replace("/functions/v1/", ""),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: await request.bytes(),
    });
    return answers.shift() ?? usual(url.pathname);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    answers,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function usual(path: string): Response {
  if (path.endsWith("/finish")) {
    return Response.json({ job_id: "job-1", state: "closed" }, { status: 202 });
  }
  if (path.includes("/jobs/")) {
    return Response.json({
      job_id: "job-1",
      state: "succeeded",
      stage: "score",
      fraction: 1,
      error: null,
    });
  }
  if (path.endsWith("/me")) {
    return Response.json({ projects: [{ project_id: "project-1" }] });
  }
  if (path.endsWith("/bytes")) {
    return Response.json({
      model_id: "model-1",
      class_names: [],
      size_bytes: 1,
    });
  }
  if (path.includes("/audits")) {
    return Response.json({
      audit_id: "audit-1",
      n_judged: 0,
      n_left_out: 0,
      n_remaining: 30,
      n_needed: 30,
      answer: null,
      rows: [],
      next_cursor: null,
    });
  }
  return Response.json({});
}

/** An error body as the server gives it. */
export function refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  const error = {
    code,
    message: `Cannot do it: ${code}`,
    request_id: "r",
    details: { missing: [1] },
  };
  return Response.json({ error }, { status, headers });
}
