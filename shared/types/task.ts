/** Message put on the queue. An id only: the worker reads current state itself. */
export interface TaskMessage {
  /** Wire version; bumped by a change that an old worker cannot read. */
  readonly version: 1;
  /** Row in `tasks`. */
  readonly taskId: string;
}
