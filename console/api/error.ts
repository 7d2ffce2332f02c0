import type { ErrorBody } from "@shared/types/page.ts";

/** An answer that is not 2xx, or no answer at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  /** What the server asks us to wait, from `Retry-After`. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    facts: {
      status: number;
      code: string;
      details?: Readonly<Record<string, unknown>>;
      requestId?: string;
      retryAfterMs?: number | null;
      cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.status = facts.status;
    this.code = facts.code;
    this.details = facts.details ?? {};
    this.requestId = facts.requestId ?? "";
    this.retryAfterMs = facts.retryAfterMs ?? null;
  }

  /** The same request may go through later. */
  get isRetryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 ||
      this.status >= 500;
  }
}

/** The error an answer carries, whatever stands in its body. */
export async function errorOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  const facts = {
    status: response.status,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
  };
  try {
    const { error } = await response.json() as ErrorBody;
    return new ApiError(error.message, {
      ...facts,
      code: error.code,
      details: error.details ?? {},
      requestId: error.request_id,
    });
  } catch {
    return new ApiError(`The server answered ${response.status}`, {
      ...facts,
      code: response.status === 401 ? "unauthenticated" : "internal",
    });
  }
}

/** A failure in words a person can act on. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  switch (error.status) {
    case 0:
      return "The server cannot be reached. Is Assay still running? It is tried again by itself.";
    case 401:
      return "The link is no longer valid. Open the newest link that Assay printed when it started.";
    case 403:
      return "Your role in this project does not allow this.";
    case 404:
      return "There is nothing here, or you have no access to it.";
    default:
      return `${error.message}${
        error.requestId ? ` (request ${error.requestId})` : ""
      }`;
  }
}
