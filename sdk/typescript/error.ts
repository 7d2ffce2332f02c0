/** An answer of the server that is no success. */
export class AssayError extends Error {
  /** Machine-readable, such as `run_closed`. */
  readonly code: string;
  /** HTTP status; 0 when the server did not answer. */
  readonly status: number;
  /** Facts, such as the missing parts. */
  readonly details: Readonly<Record<string, unknown>>;
  /** How long the server asked to wait, in milliseconds; null: it did not say. */
  readonly retryAfterMs: number | null;

  /** Makes one. */
  constructor(
    code: string,
    status: number,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = "AssayError";
    this.code = code;
    this.status = status;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }
}
