import { refusal } from "./fake_server.ts";

/** A server that stores models, as the API and Storage do; what it got in pieces, it keeps over cuts. */
export interface FakeModels extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path` of each request, when it began. */
  readonly seen: string[];
  /** Descriptions by model id. */
  readonly models: Map<string, Record<string, unknown>>;
  /** Bytes of each model that is whole. */
  readonly stored: Map<string, Uint8Array>;
  /** What happens instead of the usual, by the start of `METHOD path`; once each. */
  readonly faults: {
    at: string;
    respond: () => Response | Promise<Response>;
  }[];
}

/** Starts one. */
export function startFakeModels(): FakeModels {
  const seen: string[] = [];
  const models: FakeModels["models"] = new Map();
  const stored: FakeModels["stored"] = new Map();
  const faults: FakeModels["faults"] = [];
  /** Bytes in Storage that no model names yet, and those that are under way. */
  const objects = new Map<string, Uint8Array>();
  const uploads = new Map<
    string,
    { id: string; size: number; offset: number; bytes: Uint8Array }
  >();

  const ready = (id: string) => ({
    ...models.get(id),
    model_id: id,
    state: stored.has(id) ? "ready" : "pending",
    size_bytes: stored.get(id)?.length ?? null,
    ...stored.has(id) ? { sha256: "ab" } : {},
  });

  async function ofModel(request: Request, id: string, step?: string) {
    if (request.method === "PUT" && step === undefined) {
      models.set(id, await request.json());
      return Response.json(ready(id), { status: 201 });
    }
    if (step === "bytes") {
      stored.set(id, await request.bytes());
      return Response.json(ready(id));
    }
    const { size_bytes } = await request.json();
    if (step === "sign") {
      const at = `${new URL(request.url).origin}/storage/v1/object/upload/sign`;
      const path = `p/models/${id}/announced.onnx`;
      return Response.json({
        bucket: "runs",
        path,
        upload_url: `${at}/runs/${path}?token=t`,
        token: "t",
      }, { status: 201 });
    }
    const bytes = objects.get(id);
    if (bytes?.length !== size_bytes) return refusal(409, "conflict");
    stored.set(id, bytes!);
    return Response.json(ready(id));
  }

  async function storage(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.headers.get("x-signature") !== "t") return refusal(400, "no");
    if (request.method === "POST") {
      const metadata = request.headers.get("upload-metadata")!;
      const [, object] = /objectName ([^,]*)/.exec(metadata)!;
      const id = atob(object!).split("/")[2]!;
      if (objects.has(id)) return new Response("exists", { status: 409 });
      const name = crypto.randomUUID();
      const size = Number(request.headers.get("upload-length"));
      uploads.set(name, { id, size, offset: 0, bytes: new Uint8Array(size) });
      return new Response(null, {
        status: 201,
        headers: { location: `${pathname}/${name}` },
      });
    }
    const upload = uploads.get(pathname.split("/").at(-1)!);
    if (!upload) return new Response("gone", { status: 404 });
    if (request.method === "PATCH") {
      const offset = Number(request.headers.get("upload-offset"));
      if (offset !== upload.offset) {
        return new Response("Upload-Offset conflict", { status: 409 });
      }
      for await (const chunk of request.body!) {
        upload.bytes.set(chunk, upload.offset);
        upload.offset += chunk.length;
      }
      if (upload.offset === upload.size) {
        objects.set(upload.id, upload.bytes);
      }
    }
    return new Response(null, {
      headers: { "upload-offset": String(upload.offset) },
    });
  }

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response("cut", { status: 500 }),
  }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname.replace(/^\/(functions|storage)\/v1\//, "");
    const line = `${request.method} ${path}`;
    seen.push(line);
    const fault = faults.findIndex(({ at }) => line.startsWith(at));
    if (fault >= 0) return await faults.splice(fault, 1)[0]!.respond();
    if (pathname.startsWith("/storage/")) return await storage(request);
    if (path === "api/v1/me") {
      return Response.json({ projects: [{ project_id: "p" }] });
    }
    const [, id, , step] = /models\/([^/]+)(\/(\w+))?$/.exec(path)!;
    return await ofModel(request, id!, step);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    models,
    stored,
    faults,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
