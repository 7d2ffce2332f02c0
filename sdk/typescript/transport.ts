import { AssayError } from "./error.ts";
import { errorOf, exchange } from "./exchange.ts";
import { retry } from "./retry.ts";
import type { Server } from "./server.ts";

/** What to send. */
export interface Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below `/functions/v1`. */
  readonly path: string;
  /** JSON, or bytes with their type. */
  readonly body?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests, again and again while the server is away: every request of ours may arrive twice without harm. */
export class Transport {
  /** How long a request is tried after it failed first, in milliseconds. */
  readonly giveUpMs: number;
  readonly #server: Server;

  /**
   * @param server Where to.
   * @param giveUpMs How long to try.
   */
  constructor(server: Server, giveUpMs = 120_000) {
    this.#server = server;
    this.giveUpMs = giveUpMs;
  }

  /**
   * Sends one request and returns the answer's JSON.
   *
   * @throws {AssayError} If the server refuses, or does not answer in time.
   * @throws The reason of the request's signal.
   */
  send<T>(request: Request): Promise<T> {
    const { giveUpMs } = this;
    return retry(() => this.#once<T>(request), {
      giveUpMs,
      signal: request.signal,
    });
  }

  /** All rows of a list, read in pages. */
  async pages<T>(
    path: string,
    query: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<T[]> {
    const rows: T[] = [];
    let cursor: string | null = null;
    do {
      const search = new URLSearchParams({ ...query, limit: "500" });
      if (cursor) search.set("cursor", cursor);
      const page: { rows: T[]; next_cursor: string | null } = await this.send({
        method: "GET",
        path: `${path}?${search}`,
        signal,
      });
      rows.push(...page.rows);
      cursor = page.next_cursor;
    } while (cursor);
    return rows;
  }

  async #once<T>(request: Request): Promise<T> {
    const { method, path, body, bytes, headers, signal } = request;
    const answer = await exchange({
      url: `${this.#server.url}/functions/v1/${path}`,
      method,
      headers: {
        authorization: `Bearer ${this.#server.apiKey}`,
        ...body === undefined ? {} : { "content-type": "application/json" },
        ...headers,
      },
      body: bytes ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal,
    });
    if (answer.status < 200 || answer.status > 299) throw errorOf(answer);
    try {
      return JSON.parse(answer.text) as T;
    } catch {
      throw new AssayError(
        "http_error",
        0,
        `Cannot read the answer of ${this.#server.url}: it is no JSON`,
      );
    }
  }
}
