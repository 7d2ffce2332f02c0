/** An answer other than success, with the body the service gives: `{ "error": message }`. */
export class QueueError extends Error {
  /** HTTP status. */
  readonly status: 400 | 401 | 404;

  /** Makes one. */
  constructor(status: 400 | 401 | 404, message: string) {
    super(message);
    this.status = status;
  }
}
