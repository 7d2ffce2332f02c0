/** A TCP line to a server that can be cut. */
export interface CutLine extends AsyncDisposable {
  readonly url: string;
  /** Cuts every connection, once, when so many more bytes have gone to the server. */
  cutAfter(bytes: number): void;
  /** How often it was cut. */
  readonly cuts: number;
}

/** Lays one to a server on this machine. */
export function layCutLine(target: string): CutLine {
  const port = Number(new URL(target).port);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let left = Infinity;
  let cuts = 0;
  const cut = () => {
    for (const end of open) close(end);
    open.clear();
  };
  const pass = async (from: Deno.Conn, to: Deno.Conn, isUp: boolean) => {
    const buffer = new Uint8Array(16_384);
    for (;;) {
      const n = await from.read(buffer);
      if (n === null) break;
      for (let at = 0; at < n;) at += await to.write(buffer.subarray(at, n));
      if (!isUp) continue;
      left -= n;
      if (left < 0) {
        left = Infinity;
        cuts++;
        cut();
      }
    }
  };
  const serving = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(client).add(server);
      const both = [pass(client, server, true), pass(server, client, false)];
      Promise.race(both.map((side) => side.catch(() => {}))).then(() => {
        for (const end of [client, server]) {
          open.delete(end);
          close(end);
        }
      });
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    cutAfter: (bytes) => {
      left = bytes;
    },
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      cut();
      await serving;
    },
  };
}

function close(end: Deno.Conn): void {
  try {
    end.close();
  } catch {
    // it is closed
  }
}
