import assert from "node:assert/strict";
import {
  createSafeFetch,
  type ResolveName,
  type SafeFetchSettings,
} from "./safe_fetch.ts";
import {
  startHost,
  startRawHost,
  TEST_CA,
  type TestHost,
} from "./testing/https.ts";

const FILE = Uint8Array.of(1, 2, 3);
const loopback: ResolveName = () => Promise.resolve(["127.0.0.1"]);
const never: ResolveName = (name) => assert.fail(`"${name}" was looked up`);

/** An image as most hosts answer it. */
function file(headers: Record<string, string> = {}): Response {
  return new Response(FILE, {
    headers: { "content-type": "image/png", ...headers },
  });
}

/** A host that the operator allows, and what fetches from it. */
async function withHost(
  answer: Parameters<typeof startHost>[0],
  body: (host: TestHost & { readonly url: string }) => Promise<void>,
): Promise<void> {
  const host = startHost(answer);
  try {
    await body({ ...host, url: `https://images.test:${host.port}` });
  } finally {
    await host.stop();
  }
}

function fetchOf(
  url: string,
  settings: SafeFetchSettings = {},
  resolve: ResolveName = loopback,
  signal?: AbortSignal,
) {
  const { origin } = new URL(url);
  return createSafeFetch(
    { allowedOrigins: [origin], ca: TEST_CA, ...settings },
    resolve,
  )(url, signal);
}

async function refusal(found: ReturnType<typeof fetchOf>): Promise<string> {
  const answer = await found;
  assert.ok("rule" in answer, "it was fetched");
  return answer.rule;
}

Deno.test("safeFetch() gives the file's bytes, and sends nothing that tells who asks", async () => {
  await withHost(() => file(), async ({ url, asked }) => {
    assert.deepEqual(await fetchOf(`${url}/a%20b.png?x=1&y=%20#part`), FILE);
    const { method, headers, url: seen } = asked[0]!;
    assert.equal(method, "GET");
    assert.equal(seen, `${url}/a%20b.png?x=1&y=%20`);
    assert.deepEqual([...headers.keys()].sort(), [
      "accept",
      "accept-encoding",
      "connection",
      "host",
      "user-agent",
    ]);
  });
});

Deno.test("safeFetch() takes https URLs only, without a name and password", async () => {
  for (
    const url of [
      "http://host.example/a.png",
      "ftp://host.example/a.png",
      "file:///etc/passwd",
      "s3://bucket/a.png",
      "gopher://host.example/",
      "https://user@host.example/a.png",
      "https://user:word@host.example/a.png",
      "//host.example/a.png",
      "a.png",
      "",
      "https://",
      `https://host.example/${"a".repeat(5000)}`,
    ]
  ) {
    const rule = await refusal(createSafeFetch({}, never)(url));
    assert.match(rule, /must be https:\/\/host\/path without/, url);
  }
});

Deno.test("safeFetch() takes port 443 only", async () => {
  for (const port of [22, 80, 444, 5432, 54321]) {
    const url = `https://host.example:${port}/a.png`;
    assert.match(
      await refusal(createSafeFetch({}, never)(url)),
      /must use port 443/,
    );
  }
});

Deno.test("safeFetch() connects to no address that is not public, however it is written", async () => {
  for (
    const host of [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f.1",
      "0177.0.0.1",
      "10.0.0.1",
      "169.254.169.254",
      "0.0.0.0",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:a9fe:a9fe]",
      "[64:ff9b::7f00:1]",
      "[fd00:ec2::254]",
      "[fe80::1]",
    ]
  ) {
    const rule = await refusal(createSafeFetch({}, never)(`https://${host}/`));
    assert.match(rule, /must lead to a public address/, host);
  }
});

Deno.test("safeFetch() connects to no host of whose addresses one is not public", async () => {
  for (
    const addresses of [
      ["127.0.0.1"],
      ["169.254.169.254"],
      ["::1"],
      ["2d00::1", "10.0.0.1"],
      ["10.0.0.1", "2d00::1"],
    ]
  ) {
    const guarded = createSafeFetch({}, () => Promise.resolve(addresses));
    const rule = await refusal(guarded("https://host.example/a.png"));
    assert.match(rule, /must lead to a public address/, addresses.join());
  }
});

Deno.test("safeFetch() looks a name up once: a second answer of the name server changes nothing", async () => {
  await withHost(() => file(), async ({ url, asked }) => {
    const answers = [["127.0.0.1"], ["169.254.169.254"]];
    const once: ResolveName = () => Promise.resolve(answers.shift()!);
    assert.deepEqual(await fetchOf(`${url}/a.png`, {}, once), FILE);
    assert.equal(answers.length, 1);
    assert.equal(asked.length, 1); // of a name that only this resolver knows
  });
});

Deno.test("safeFetch() checks every redirect as it checks the first URL", async () => {
  const targets: Record<string, string> = {
    "/own": "/file",
    "/http": "http://images.test/file",
    "/loopback": "https://127.0.0.1/file",
    "/metadata": "https://169.254.169.254/latest/meta-data/",
    "/mapped": "https://[::ffff:7f00:1]/",
    "/port": "https://images.test:22/",
    "/user": "https://me:secret@images.test/",
    "/name": "https://other.test/file",
    "/nothing": "https://",
    "/loop": "/loop",
    "/2": "/own",
    "/3": "/2",
    "/4": "/3",
  };
  await withHost((request) => {
    const location = targets[new URL(request.url).pathname];
    return location
      ? new Response(null, { status: 302, headers: { location } })
      : file();
  }, async ({ url, asked }) => {
    for (const path of ["/own", "/2", "/3"]) {
      assert.deepEqual(await fetchOf(url + path), FILE, path);
    }
    const rules: Record<string, RegExp> = {
      "/http": /must be https/,
      "/loopback": /public address/,
      "/metadata": /public address/,
      "/mapped": /public address/,
      "/port": /port 443/,
      "/user": /without a user name/,
      "/name": /public address/, // it is allowed on the first host's port only
      "/nothing": /must be https/,
      "/loop": /within 3 redirects/,
      "/4": /within 3 redirects/,
    };
    for (const [path, rule] of Object.entries(rules)) {
      const before = asked.length;
      assert.match(await refusal(fetchOf(url + path)), rule, path);
      const most = /redirects/.test(rule.source) ? 4 : 1;
      assert.equal(asked.length - before, most, path);
    }
  });
});

Deno.test("safeFetch() takes cookies nowhere", async () => {
  await withHost(
    (request) =>
      request.url.endsWith("/file") ? file() : new Response(null, {
        status: 307,
        headers: { location: "/file", "set-cookie": "a=b" },
      }),
    async ({ url, asked }) => {
      assert.deepEqual(await fetchOf(`${url}/moved`), FILE);
      assert.equal(asked[1]!.headers.get("cookie"), null);
      assert.equal(asked[1]!.headers.get("referer"), null);
    },
  );
});

Deno.test("safeFetch() believes a host by its certificate for the name, not by its address", async () => {
  await withHost(() => file(), async ({ port, asked }) => {
    const noCertificate = await refusal(
      fetchOf(`https://evil.test:${port}/a.png`),
    );
    assert.match(noCertificate, /has a valid certificate/);
    const unknownAuthority = createSafeFetch({
      allowedOrigins: [`https://images.test:${port}`],
    }, loopback);
    assert.match(
      await refusal(unknownAuthority(`https://images.test:${port}/a.png`)),
      /has a valid certificate/,
    );
    assert.equal(asked.length, 0);
    assert.deepEqual(await fetchOf(`https://127.0.0.1:${port}/a.png`), FILE);
  });
});

Deno.test("safeFetch() takes answers of status 200, of an image's type, uncompressed", async () => {
  const answers: Record<string, () => Response> = {
    "/404": () => new Response("no", { status: 404 }),
    "/204": () => new Response(null, { status: 204 }),
    "/206": () => new Response(FILE, { status: 206 }),
    "/304": () => new Response(null, { status: 304 }),
    "/html": () => file({ "content-type": "text/html" }),
    "/gzip": () => file({ "content-encoding": "gzip" }),
    "/jpeg": () => file({ "content-type": "IMAGE/jpeg" }),
    "/bucket": () => file({ "content-type": "binary/octet-stream" }),
  };
  await withHost(
    (request) => answers[new URL(request.url).pathname]!(),
    async ({ url }) => {
      for (const status of ["404", "204", "206", "304"]) {
        assert.equal(
          await refusal(fetchOf(`${url}/${status}`)),
          `an image URI must be answered with status 200, not ${status}`,
        );
      }
      assert.match(await refusal(fetchOf(`${url}/html`)), /type image\/\.\.\./);
      assert.match(await refusal(fetchOf(`${url}/gzip`)), /uncompressed/);
      assert.deepEqual(await fetchOf(`${url}/jpeg`), FILE);
      assert.deepEqual(await fetchOf(`${url}/bucket`), FILE);
    },
  );
});

Deno.test("safeFetch() stops at the size limit, announced or not", async () => {
  let sent = 0;
  await withHost((request) => {
    if (request.url.endsWith("/announced")) return file();
    const body = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    return new Response(body, { headers: { "content-type": "image/png" } });
  }, async ({ url }) => {
    const settings = { mostBytes: 2 };
    assert.match(
      await refusal(fetchOf(`${url}/announced`, settings)),
      /at most 2 bytes/,
    );
    assert.match(
      await refusal(fetchOf(`${url}/endless`, { mostBytes: 200_000 })),
      /at most 200000 bytes/,
    );
    assert.ok(sent < 1000, `${sent} chunks were sent`);
    assert.deepEqual(
      await fetchOf(`${url}/announced`, { mostBytes: 3 }),
      FILE,
    );
  });
});

Deno.test("safeFetch() stops when its time is over: head, body and name server", async () => {
  const silent = startRawHost(() => new Promise((r) => setTimeout(r, 500)));
  const dripping = startRawHost(async (connection) => {
    await connection.write(new TextEncoder().encode(
      "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 100\r\n\r\n",
    ));
    for (let i = 0; i < 50; i++) {
      await connection.write(Uint8Array.of(1));
      await new Promise((r) => setTimeout(r, 10));
    }
  });
  const settings = { timeoutMs: 200 };
  try {
    for (const { port } of [silent, dripping]) {
      const url = `https://images.test:${port}/a.png`;
      assert.match(await refusal(fetchOf(url, settings)), /within 200 milli/);
    }
    const stuck: ResolveName = () => new Promise(() => {});
    const url = "https://images.test/a.png";
    assert.match(
      await refusal(fetchOf(url, settings, stuck)),
      /within 200 milli/,
    );
  } finally {
    await Promise.all([silent.stop(), dripping.stop()]);
  }
});

Deno.test("safeFetch() takes no file that broke off, no endless head, no other protocol", async () => {
  const text = (bytes: string) => async (connection: Deno.TlsConn) => {
    await connection.write(new TextEncoder().encode(bytes));
  };
  const head = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n";
  const hosts = [
    startRawHost(text(`${head}content-length: 100\r\n\r\nabc`)),
    startRawHost(text("SSH-2.0-OpenSSH_9.2\r\n")),
    startRawHost(async (connection) => {
      await connection.write(new TextEncoder().encode(head));
      const line = new TextEncoder().encode(`x-a: ${"a".repeat(8000)}\r\n`);
      for (let i = 0; i < 10_000; i++) await connection.write(line);
    }),
  ];
  try {
    for (const { port } of hosts) {
      const url = `https://images.test:${port}/a.png`;
      assert.match(
        await refusal(fetchOf(url, { timeoutMs: 3000 })),
        /found, has a valid certificate and answers/,
      );
    }
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
});

Deno.test("safeFetch() tries once more where a host is busy, and other addresses where one is silent", async () => {
  let n = 0;
  await withHost(
    () => n++ === 0 ? new Response(null, { status: 503 }) : file(),
    async ({ url, asked }) => {
      assert.deepEqual(await fetchOf(`${url}/a.png`), FILE);
      assert.equal(asked.length, 2);
      const two: ResolveName = () => Promise.resolve(["::1", "127.0.0.1"]);
      assert.deepEqual(await fetchOf(`${url}/a.png`, {}, two), FILE);
    },
  );
  await withHost(
    () => new Response(null, { status: 503 }),
    async ({ url, asked }) => {
      assert.match(await refusal(fetchOf(`${url}/a.png`)), /not 503/);
      assert.equal(asked.length, 2);
    },
  );
});

Deno.test("safeFetch() throws the signal's reason when it is told to stop", async () => {
  const stop = AbortSignal.timeout(50);
  await withHost(
    () => new Promise((resolve) => setTimeout(() => resolve(file()), 300)),
    async ({ url }) => {
      await assert.rejects(fetchOf(`${url}/a.png`, {}, loopback, stop), {
        name: "TimeoutError",
      });
    },
  );
});

Deno.test("safeFetch() says so where a name is not found", async () => {
  const unknown: ResolveName = () => Promise.reject(new Error("ENOTFOUND"));
  const none: ResolveName = () => Promise.resolve([]);
  for (const resolve of [unknown, none]) {
    assert.match(
      await refusal(createSafeFetch({}, resolve)("https://nowhere.test/a")),
      /name a host that is found/,
    );
  }
});
