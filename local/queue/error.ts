/** Statuses of answers other than success. */
export type ErrorStatus = 400 | 401 | 404 | 412;

/** An answer other than success, with the body the service gives: `{ "error": message }`. */
export class QueueError extends Error {
  /** HTTP status. */
  readonly status: ErrorStatus;

  /** Makes one. */
  constructor(status: ErrorStatus, message: string) {
    super(message);
    this.status = status;
  }
}

/** The service's answer to what a plan does not allow. */
export function quotaExceeded(quota: string, limit: number): QueueError {
  return new QueueError(
    412,
    `quota ${quota} exceeded, current limit: ${limit}`,
  );
}
