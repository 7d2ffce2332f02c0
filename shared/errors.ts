/**
 * The one error class that may leave a room, and the table of its codes.
 *
 * @module
 */

/** Error codes that may cross a process boundary, and what a caller can do. */
export const ERRORS = {
  validation_failed: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  idempotency_conflict: { status: 409, retryable: false },
  parts_missing: { status: 409, retryable: false },
  run_closed: { status: 409, retryable: false },
  lease_lost: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  unusable_input: { status: 422, retryable: false },
  rate_limited: { status: 429, retryable: true },
  internal: { status: 500, retryable: true },
  upstream_unavailable: { status: 503, retryable: true },
} as const;

/** One key of {@linkcode ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** The only error that may leave a room; any other is a bug and becomes a 500. */
export class AppError extends Error {
  /** Always "AppError". */
  override readonly name = "AppError";
  /** Callers branch on this, never on `message`. */
  readonly code: ErrorCode;
  /** Machine-readable facts for the error body, such as the list of missing parts; no payloads, no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;

  /**
   * Creates an error with a machine-readable code.
   *
   * @param code Key of {@linkcode ERRORS}.
   * @param message Sentence case, no final period: "Cannot claim task: lease expired".
   * @param options Pass the caught error as `cause`, and facts for the body as `details`.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { details?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options);
    this.code = code;
    if (options?.details) this.details = options.details;
  }
}
