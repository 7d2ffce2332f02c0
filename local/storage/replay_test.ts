import assert from "node:assert/strict";
import { keyOf, type StorageWorld, withStorage } from "./testing/world.ts";

/** One exchange with the hosted service's own server, as it was recorded; what differs from run to run stands as `<uuid>`, `<date>`, … */
interface Exchange {
  readonly n: number;
  readonly label: string;
  readonly request: {
    readonly method: string;
    /** `<token 49>` and `<upload 60>` are what exchange 49 or 60 was answered. */
    readonly path: string;
    readonly as?: "service" | "anon" | "person" | "expired" | "forged";
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** A body of one character again and again. */
    readonly fill?: readonly [string, number];
  };
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

/** Of the connection, not of the protocol; and when an upload ends, which the recorded server's own disk store did not say. */
const IGNORED = [
  "date",
  "vary",
  "connection",
  "transfer-encoding",
  "upload-expires",
];

const exchanges = (await Deno.readTextFile(
  new URL("./testing/exchanges.jsonl", import.meta.url),
)).trim().split("\n").map((line) => JSON.parse(line) as Exchange);

Deno.test("Storage answers every recorded exchange as the hosted service's server did", async (t) => {
  await withStorage(async (world) => {
    await world.admin`delete from storage.buckets`;
    const keys: Record<string, string> = {
      service: world.keys.service,
      anon: world.keys.anon,
      person: world.keys.stranger,
      expired: await keyOf("service_role", -60),
      forged: "abc.def.ghi",
    };
    const met = new Map<number, { token?: string; upload?: string }>();
    assert.equal(exchanges.length, 77);
    for (const exchange of exchanges) {
      await t.step(`${exchange.n} ${exchange.label}`, async () => {
        const answer = await send(world, exchange, keys, met);
        assert.deepEqual(answer, exchange.answer);
      });
    }
  }, { FILE_SIZE_LIMIT: "524288000", STORAGE_PUBLIC_URL: "" });
});

async function send(
  world: StorageWorld,
  { n, request, answer: recorded }: Exchange,
  keys: Readonly<Record<string, string>>,
  met: Map<number, { token?: string; upload?: string }>,
): Promise<Exchange["answer"]> {
  const { method, as, headers = {}, body, fill } = request;
  const path = request.path.replace(
    /<(token|upload) (\d+)>/,
    (_, what, from) => met.get(Number(from))![what as "token" | "upload"]!,
  );
  const response = await fetch(world.url + path, {
    method,
    headers: {
      "accept-encoding": "identity",
      ...headers,
      ...(as ? { authorization: `Bearer ${keys[as]}` } : {}),
    },
    ...(fill || body !== undefined
      ? { body: fill ? fill[0].repeat(fill[1]) : body! }
      : {}),
  });
  const text = await response.text();
  const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(text)?.[0];
  const upload = response.headers.get("location")?.split("/").at(-1);
  met.set(n, { ...(token ? { token } : {}), ...(upload ? { upload } : {}) });
  const plain = normalised(text);
  const isVaried = plain.includes("<");
  return {
    status: response.status,
    headers: Object.fromEntries(
      [...response.headers].filter(([name]) =>
        !IGNORED.includes(name) &&
        // Its length changes with what is in it; without a body the recorded server says none.
        !(name === "content-length" &&
          (isVaried || !("content-length" in recorded.headers)))
      ).map(([name, value]) => [name, normalised(value)]),
    ),
    body: parsed(plain),
  };
}

function normalised(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, "<date>")
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, "<date>")
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>")
    .replace(/https?:\/\/127\.0\.0\.1:\d+/g, "<url>")
    .replace(/\/upload\/resumable\/[\w-]{20,}/g, "/upload/resumable/<upload>");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
