/**
 * Hosts for tests: HTTPS servers on 127.0.0.1 with a certificate for `images.test`, `other.test` and 127.0.0.1, of an authority nobody trusts.
 *
 * @module
 */

/** Certificate of the authority. */
export const TEST_CA = `-----BEGIN CERTIFICATE-----
MIIBljCCAT2gAwIBAgIUVfUwD1GczmH8LMSEbjgy+Sb2ryowCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNQXNzYXkgdGVzdCBDQTAgFw0yNjExMjYxNTEyMzBaGA8yMTI2
MTEwMjE1MTIzMFowGDEWMBQGA1UEAwwNQXNzYXkgdGVzdCBDQTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABJ6wpnoFgZVH2nN7Kx0ncGqFGC5B3IWlHPP9M6uKKJSx
b+hUt0IYfVaBw9opiCmRZ0X0Xcwo9fv14FuwIEMfHYyjYzBhMB0GA1UdDgQWBBTB
Mn8pRrBNolHydS5dkSMFL73pczAfBgNVHSMEGDAWgBTBMn8pRrBNolHydS5dkSMF
L73pczAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQD
AgNHADBEAiAzLkwHLWEWiEBBUeQCufpULUO/OUm22VZ7LUNO4yHQnQIgeO4ekTNn
G9jp/6cCy9WcTtHS3fbsYZJjzGfZtDgoDc8=
-----END CERTIFICATE-----
`;

const CERT = `-----BEGIN CERTIFICATE-----
MIIBwTCCAWagAwIBAgIUEHGvRuHbYrJw8sZEACAXbDklN4kwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNQXNzYXkgdGVzdCBDQTAgFw0yNjExMjYxNTEyMzBaGA8yMTI2
MTEwMjE1MTIzMFowFjEUMBIGA1UEAwwLaW1hZ2VzLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQgJEzZ8IgFguOCKY9B7TfGEBfUOIUx+Lv+v1H2yadztddA
zJ1LOV0xF2JuUDdIfLUkEhq3wC/f0C6MugFwI6SEo4GNMIGKMCgGA1UdEQQhMB+C
C2ltYWdlcy50ZXN0ggpvdGhlci50ZXN0hwR/AAABMAkGA1UdEwQCMAAwEwYDVR0l
BAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFE0wu0BfXLEdr8lyEea8RXeIVvQDMB8G
A1UdIwQYMBaAFMEyfylGsE2iUfJ1Ll2RIwUvvelzMAoGCCqGSM49BAMCA0kAMEYC
IQD5a3lin1Dxw9bg3DE+g7/sTU7eK+5SqadPbGVwKYRA/wIhAInuhmxEdXLF62kG
p50VR24PZjrw6GJhBW7U41jKpnQD
-----END CERTIFICATE-----
`;

/** Of no use anywhere else. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgahWtCoh0v0tQXeJI
kjWvVNrXi4HrrouscoPZikXCZayhRANCAAQgJEzZ8IgFguOCKY9B7TfGEBfUOIUx
+Lv+v1H2yadztddAzJ1LOV0xF2JuUDdIfLUkEhq3wC/f0C6MugFwI6SE
-----END PRIVATE KEY-----
`;

/** A request as it arrived. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

/** A host that answers, and what it was asked. */
export interface TestHost {
  readonly port: number;
  /** Requests so far, oldest first. */
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

/** Starts a host on a port of its own. */
export function startHost(
  answer: (request: Request) => Response | Promise<Response>,
): TestHost {
  const asked: Asked[] = [];
  const ended = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: CERT,
    key: KEY,
    signal: ended.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, (request) => {
    const { method, url, headers } = request;
    asked.push({ method, url, headers: new Headers(headers) });
    return answer(request);
  });
  return {
    port: server.addr.port,
    asked,
    stop: () => {
      ended.abort();
      return server.finished;
    },
  };
}

/** Starts a host that speaks bytes: `talk` is given each connection once its request is there. */
export function startRawHost(
  talk: (connection: Deno.TlsConn) => Promise<void>,
): Pick<TestHost, "port" | "stop"> {
  const listener = Deno.listenTls({
    hostname: "127.0.0.1",
    port: 0,
    cert: CERT,
    key: KEY,
  });
  const talks: Promise<void>[] = [];
  const listening = (async () => {
    for await (const connection of listener) {
      talks.push((async () => {
        try {
          await connection.read(new Uint8Array(4096));
          await talk(connection);
        } catch { /* the other side hung up */ }
        try {
          connection.close();
        } catch { /* so did talk */ }
      })());
    }
  })();
  return {
    port: listener.addr.port,
    async stop() {
      listener.close();
      await listening;
      await Promise.all(talks);
    },
  };
}
