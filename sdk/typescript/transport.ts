import type { Server } from "./server.ts";

/** An answer of the server that is no success. */
export class AssayError extends Error {
  /** Machine-readable, such as `run_closed`. */
  readonly code: string;
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number;
  /** Facts, such as the missing parts. */
  readonly details: Readonly<Record<string, unknown>>;

  /** Makes one. */
  constructor(
    code: string,
    status: number,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "AssayError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** What to send. */
export interface Request {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Below `/functions/v1`. */
  readonly path: string;
  /** JSON, or bytes with their type. */
  readonly body?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

const FIRST_DELAY_MS = 200;
const MOST_DELAY_MS = 5000;
const ATTEMPT_MS = 60_000;

/** Sends requests, again and again while the server is away: every request of ours may arrive twice without harm. */
export class Transport {
  readonly #server: Server;
  readonly #giveUpMs: number;

  /**
   * @param server Where to.
   * @param giveUpMs How long to try.
   */
  constructor(server: Server, giveUpMs = 120_000) {
    this.#server = server;
    this.#giveUpMs = giveUpMs;
  }

  /**
   * Sends one request and returns the answer's JSON.
   *
   * @throws {AssayError} If the server refuses, or does not answer in time.
   */
  async send<T>(request: Request): Promise<T> {
    const until = Date.now() + this.#giveUpMs;
    for (let attempt = 0;; attempt++) {
      let wait = Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
      let problem: AssayError;
      try {
        const response = await this.#fetch(request);
        const text = await response.text();
        if (response.ok) return JSON.parse(text) as T;
        problem = errorOf(response.status, text);
        if (response.status < 500 && response.status !== 429) throw problem;
        const asked = Number(response.headers.get("retry-after") ?? NaN);
        if (asked >= 0) wait = Math.min(MOST_DELAY_MS, asked * 1000);
      } catch (error) {
        if (error instanceof AssayError) throw error;
        problem = new AssayError(
          "unreachable",
          0,
          `Cannot reach ${this.#server.url} (${(error as Error).message})`,
        );
      }
      if (Date.now() + wait > until) throw problem;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  #fetch({ method, path, body, bytes, headers }: Request): Promise<Response> {
    return fetch(`${this.#server.url}/functions/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#server.apiKey}`,
        ...body === undefined ? {} : { "content-type": "application/json" },
        ...headers,
      },
      ...bytes
        ? { body: bytes }
        : body === undefined
        ? {}
        : { body: JSON.stringify(body) },
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
  }
}

function errorOf(status: number, text: string): AssayError {
  try {
    const { error } = JSON.parse(text);
    return new AssayError(error.code, status, error.message, error.details);
  } catch {
    return new AssayError(
      "http_error",
      status,
      `The server answered ${status}: ${text.slice(0, 200)}`,
    );
  }
}
